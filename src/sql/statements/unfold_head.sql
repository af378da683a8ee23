UPDATE {journal}_head SET folded = 0
