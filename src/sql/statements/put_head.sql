UPDATE {journal}_head SET size = $1, chain = $2, peaks = $3, at_us = $4, folded = $5
