"""Personal data: who was erased and stays so, and which rows go when somebody is or grows old."""
