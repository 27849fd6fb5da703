"""The embedded base model's recipe: corpus, tokenizer, training, figures and export."""
