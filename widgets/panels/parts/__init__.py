"""What panels are made of: plots, mosaics, rows of words, curves on a plane. No panel stands here."""
