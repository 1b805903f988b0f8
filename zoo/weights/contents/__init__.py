"""Tell what the tensors of a checkpoint are: parameters, buffers, parts of quantisation."""
