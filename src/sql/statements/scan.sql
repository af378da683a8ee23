SELECT seq, dossier, record, chain FROM {journal}_records WHERE seq >= $1 AND seq < $2 ORDER BY seq
