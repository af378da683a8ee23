SELECT record FROM {journal}_records WHERE seq = $1
