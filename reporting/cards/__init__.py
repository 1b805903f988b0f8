"""Model cards of the Hugging Face Hub: front matter, text and evaluation results."""
