"""Forty cells of four published pages, drawn at random, each with its reading by hand.

The excerpts have the rows of these cells with their headers and headings, without links.
"""

from decimal import Decimal

import pytest

from zoo.model_index.load import load
from zoo.model_index.records.records import Claim

PADDLE = """\
# ImageNet 预训练模型库

### 2.1 服务器端知识蒸馏模型

| 模型 | Top-1 Acc | Reference<br>Top-1 Acc | Acc gain | time(ms)<br>bs=1 | FLOPs(G) | Params(M) |
|---|---|---|---|---|---|---|
| ResNet50_vd_ssld | 0.830 | 0.792 | 0.039 | 2.60 | 4.35 | 25.63 |

## PP-LCNet & PP-LCNetV2 系列 <sup>[[28](#ref28)]</sup>

| 模型 | Top-1 Acc | Top-5 Acc | time(ms)<sup>**</sup><br>bs=1 | FLOPs(M) | Params(M) |
|---|---|---|---|---|---|
| PPLCNetV2_base | 77.04 | 93.27 | 4.32 | 604 | 6.6 |

## ResNet 系列 <sup>[[1](#ref1)]</sup>

| 模型 | Top-1 Acc | Top-5 Acc | time(ms)<br>bs=1 | time(ms)<br>bs=4 | FLOPs(G) | Params(M) |
|---|---|---|---|---|---|---|
| Fix_ResNeXt101_<br>32x48d_wsl | 0.8626 | 0.9797 | 55.01 | 122.63 | 313.41 | 829.26 |
| HRNet_W44_C | 0.7900 | 0.9451 | 10.62 | 16.18 | 14.94 | 67.16 |
| DenseNet201 | 0.7763 | 0.9366 | 6.38 | 13.72 | 4.34 | 20.24 |
| SENet154_vd | 0.8140 | 0.9548 | 34.83 | 51.22 | 24.45 | 122.03 |
| PVT_V2_B4 | 0.8361 | 0.9666 | - | - | 9.8 | 62.6 |
| ResNeXt101_vd_<br>64x4d | 0.8078 | 0.9520 | 21.57 | 28.22 | 15.76 | 83.68 |
| SE_HRNet_W64_C_ssld | 0.8475 | 0.9726 | 17.11 | 26.87 | 29.00 | 129.12 |
| Res2Net101_vd_<br>26w_4s | 0.8064 | 0.9522 | 6.34 | 11.02 | 8.35 | 45.35 |
| HRNet_W48_C_ssld | 0.8363 | 0.9682 | 11.07 | 17.06 | 17.34 | 77.57 |
| DPN92 | 0.7985 | 0.9480 | 12.48 | 20.04 | 6.54 | 37.79 |
| ResNet50_vd | 0.7912 | 0.9444 | 2.60 | 4.86 | 4.35 | 25.63 |

## 移动端系列

| 模型 | Top-5 Acc | SD855 time(ms)<br/>bs=1, thread=4 | FLOPs(M) | <span>模型大小(M)</span> |
|---|---|---|---|---|
| GhostNet_<br>x1_3 | 0.9254 | 9.40 | 236.89 | 29 |
| MobileNetV3_<br>large_x1_0_ssld | 0.9448 | 6.84 | 229.66 | 21 |

## MobileViT 系列

| 模型 | Top-1 Acc | Top-5 Acc | time(ms)<br>bs=1 | FLOPs(M) | Params(M) |
|---|---|---|---|---|---|
| MobileViT_S | 0.7814 | 0.9413 | - | 1849.35 | 5.59 |
"""
CONVNEXT = """\
# [A ConvNet for the 2020s](https://arxiv.org/abs/2201.03545)
### ImageNet-22K trained models

| name | resolution |acc@1 | #params | FLOPs |
|:---:|:---:|:---:|:---:| :---:|
| ConvNeXt-L | 224x224 | 86.6 | 198M | 34.4G |
| ConvNeXt-L | 384x384 | 87.5 | 198M | 101.0G |
"""
DETECTRON = """\
### COCO Baselines

<table><tbody>
<th>Name</th> <th>lr<br/>sched</th> <th>train<br/>time<br/>(s/iter)</th>
<th>inference<br/>time<br/>(s/im)</th> <th>train<br/>mem<br/>(GB)</th> <th>box<br/>AP</th>
<th>mask<br/>AP</th> <th>prop.<br/>AR</th> <th>model id</th>
<tr><td>X101-FPN</td><td>3x</td><td>0.738</td><td>0.121</td><td>8.7</td><td>57.3</td>
<td></td><td></td><td>139686956</td></tr>
<tr><td>R50-C4</td><td>1x</td><td>0.584</td><td>0.110</td><td>5.2</td><td>36.8</td>
<td>32.2</td><td></td><td>137259246</td></tr>
<tr><td>regnety_4gf_dds_FPN</td><td></td><td></td><td>0.073</td><td></td><td>46.1</td>
<td>41.6</td><td></td><td>42047784</td></tr>
<tr><td>R50-FPN</td><td>3x</td><td>0.261</td><td>0.043</td><td>3.4</td><td>41.0</td>
<td>37.2</td><td></td><td>137849600</td></tr>
<tr><td>RPN R50-C4</td><td>1x</td><td>0.130</td><td>0.034</td><td>1.5</td><td></td>
<td></td><td>51.6</td><td>137258005</td></tr>
<tr><td>GN (from scratch)</td><td>9x</td><td>N/A</td><td>0.061</td><td>7.2</td><td>43.7</td>
<td>39.6</td><td></td><td>183808979</td></tr>
<tr><td>R50-C4</td><td>3x</td><td>0.543</td><td>0.104</td><td>4.8</td><td>38.4</td>
<td></td><td></td><td>137849393</td></tr>
</tbody></table>
"""
CLIP = """\
model,image_size,image_width,text_width,embed_dim,mparams,image_mparams,text_mparams,gflops
RN101-quickgelu,224,64,512,512,119.69,56.26,63.43,25.5
coca_roberta-ViT-B-32,224,768,768,512,420.37,87.85,124.45,53.12
coca_base,288,768,768,512,440.34,86.4,134.66,99.09
RN50x16,384,96,768,768,290.98,167.33,123.65,162.69
ViT-L-14-CLIPA,224,1024,768,768,414.21,303.96,110.25,167.5
convnext_xlarge,256,768,1024,1024,653.89,350.25,303.65,198.38
coca_ViT-L-14,224,1024,768,768,638.45,306.72,123.65,214.52
ViT-L-14-280,280,1024,768,768,427.76,304.11,123.65,271.79
nllb-clip-base,224,768,512,512,501.89,87.85,414.04,369.6
convnext_xxlarge,256,768,1024,1024,1200.58,846.54,354.03,443.03
mt5-xl-ViT-H-14,224,1280,512,1024,2306.75,632.08,1674.68,514.04
ViT-SO400M-14-SigLIP-384,384,768,1152,1152,877.96,428.23,449.73,723.48
nllb-clip-large-siglip,384,768,512,1152,1195.5,428.23,767.27,1804.22
"""
PAGES = {
    "paddle.md": PADDLE,
    "convnext.md": CONVNEXT,
    "detectron.md": DETECTRON,
    "clip.csv": CLIP,
}
# Page, row, header, characters; then quantity and value in its unit.
CELLS = [
    ("paddle", "ResNet50_vd_ssld", "Reference Top-1 Acc", "0.792", "reference_top1", "79.2"),
    ("paddle", "PPLCNetV2_base", "Top-5 Acc", "93.27", "top5", "93.27"),
    ("paddle", "Fix_ResNeXt101_32x48d_wsl", "Top-5 Acc", "0.9797", "top5", "97.97"),
    ("paddle", "GhostNet_x1_3", "Top-5 Acc", "0.9254", "top5", "92.54"),
    ("paddle", "MobileNetV3_large_x1_0_ssld", "SD855 time(ms) bs=1, thread=4", "6.84",
        "inference_time", "6.84"),
    ("paddle", "HRNet_W44_C", "Params(M)", "67.16", "parameters", "67160000"),
    ("paddle", "DenseNet201", "time(ms) bs=4", "13.72", "inference_time", "13.72"),
    ("paddle", "MobileViT_S", "Top-5 Acc", "0.9413", "top5", "94.13"),
    ("paddle", "SENet154_vd", "time(ms) bs=1", "34.83", "inference_time", "34.83"),
    ("paddle", "PVT_V2_B4", "Top-1 Acc", "0.8361", "top1", "83.61"),
    ("paddle", "ResNeXt101_vd_64x4d", "Top-5 Acc", "0.9520", "top5", "95.20"),
    ("paddle", "MobileViT_S", "Top-1 Acc", "0.7814", "top1", "78.14"),
    ("paddle", "SE_HRNet_W64_C_ssld", "Top-5 Acc", "0.9726", "top5", "97.26"),
    ("paddle", "Res2Net101_vd_26w_4s", "time(ms) bs=1", "6.34", "inference_time", "6.34"),
    ("paddle", "HRNet_W48_C_ssld", "Top-5 Acc", "0.9682", "top5", "96.82"),
    ("paddle", "DPN92", "FLOPs(G)", "6.54", "flops", "6540000000"),
    ("paddle", "ResNet50_vd", "Params(M)", "25.63", "parameters", "25630000"),
    ("convnext", "ConvNeXt-L", "acc@1", "86.6", "top1", "86.6"),
    ("convnext", "ConvNeXt-L", "acc@1", "87.5", "top1", "87.5"),
    ("detectron", "X101-FPN", "train time (s/iter)", "0.738", "other:train time (s/iter)", "0.738"),
    ("detectron", "R50-C4", "inference time (s/im)", "0.110", "inference_time", "110"),
    ("detectron", "regnety_4gf_dds_FPN", "mask AP", "41.6", "mask_ap", "41.6"),
    ("detectron", "R50-FPN", "model id", "137849600", "other:model id", "137849600"),
    ("detectron", "RPN R50-C4", "prop. AR", "51.6", "other:prop. ar", "51.6"),
    ("detectron", "GN (from scratch)", "model id", "183808979", "other:model id", "183808979"),
    ("detectron", "R50-C4", "train mem (GB)", "4.8", "training_memory", "4800000000"),
    ("clip", "convnext_xlarge", "text_mparams", "303.65", "parameters", "303650000"),
    ("clip", "coca_ViT-L-14", "embed_dim", "768", "other:embed dim", "768"),
    ("clip", "convnext_xxlarge", "embed_dim", "1024", "other:embed dim", "1024"),
    ("clip", "coca_roberta-ViT-B-32", "text_width", "768", "other:text width", "768"),
    ("clip", "ViT-L-14-280", "embed_dim", "768", "other:embed dim", "768"),
    ("clip", "coca_base", "text_width", "768", "other:text width", "768"),
    ("clip", "ViT-L-14-CLIPA", "embed_dim", "768", "other:embed dim", "768"),
    ("clip", "RN50x16", "text_width", "768", "other:text width", "768"),
    ("clip", "nllb-clip-large-siglip", "image_size", "384", "image_size", "384x384"),
    ("clip", "RN101-quickgelu", "image_mparams", "56.26", "parameters", "56260000"),
    ("clip", "ViT-SO400M-14-SigLIP-384", "image_size", "384", "image_size", "384x384"),
    ("clip", "mt5-xl-ViT-H-14", "image_mparams", "632.08", "parameters", "632080000"),
    ("clip", "nllb-clip-base", "text_width", "512", "other:text width", "512"),
    ("clip", "RN50x16", "text_mparams", "123.65", "parameters", "123650000"),
]  # fmt: skip
Key = tuple[str, str, str, str]


@pytest.fixture(scope="module")
def claims(tmp_path_factory: pytest.TempPathFactory) -> dict[Key, list[Claim]]:
    folder = tmp_path_factory.mktemp("pages")
    found: dict[Key, list[Claim]] = {}
    for name, text in PAGES.items():
        (folder / name).write_text(text)
        index = load([folder / name])
        assert index.faults == ()
        for entry in index.entries:
            for claim in entry.claims:
                key = name.split(".")[0], entry.row_name, claim.label, claim.raw
                found.setdefault(key, []).append(claim)
                assert text[claim.place.start : claim.place.end] == claim.raw
    return found


def test_there_are_forty() -> None:
    assert len(CELLS) == len(set(CELLS)) == 40


@pytest.mark.parametrize(("page", "row", "header", "raw", "quantity", "value"), CELLS)
def test_a_cell_means_what_the_page_says(
    page: str,
    row: str,
    header: str,
    raw: str,
    quantity: str,
    value: str,
    claims: dict[Key, list[Claim]],
) -> None:
    (claim,) = claims[page, row, header, raw]
    read = claim.value
    expected: object = (384, 384) if quantity == "image_size" else Decimal(value)
    assert (claim.quantity, read) == (quantity, expected)


def test_conditions_of_some_cells(claims: dict[Key, list[Claim]]) -> None:
    time = claims["paddle", "MobileNetV3_large_x1_0_ssld", "SD855 time(ms) bs=1, thread=4", "6.84"][
        0
    ]
    assert dict(time.conditions) == {"batch size": "1", "threads": "4", "hardware": "SD855"}
    tower = claims["clip", "RN50x16", "text_mparams", "123.65"][0]
    assert ("part", "text") in tower.conditions
    assert tower.unclear == "it is a number of the text part"
    accuracy = claims["convnext", "ConvNeXt-L", "acc@1", "87.5"][0]
    assert accuracy.input and accuracy.input.show() == "384x384"
    assert (accuracy.dataset, dict(accuracy.conditions)) == (None, {"pretraining": "ImageNet-22K"})
    paddle = claims["paddle", "PVT_V2_B4", "Top-1 Acc", "0.8361"][0]
    assert (paddle.dataset, paddle.task) == ("ImageNet", "Image Classification")
    mask = claims["detectron", "regnety_4gf_dds_FPN", "mask AP", "41.6"][0]
    assert mask.dataset == "COCO"
