SELECT seq FROM {journal}_records WHERE dossier = $1 AND dossier <> 0 ORDER BY seq
