SELECT chain FROM {journal}_records WHERE seq = $1
