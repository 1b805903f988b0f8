"""Maps the three source folders to one installed package: `zoo`, `zoo.model_index` and
`zoo.reporting`."""

from setuptools import find_packages, setup

setup(
    packages=[
        *find_packages(include=["zoo", "zoo.*"]),
        *(f"zoo.{name}" for name in find_packages(include=["model_index*", "reporting*"])),
    ],
    package_dir={"zoo.model_index": "model_index", "zoo.reporting": "reporting"},
)
