"""What is in a newcomer's folder: its files, what they are, which are copies. No model, no torch, no Beam."""
