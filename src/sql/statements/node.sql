SELECT digest FROM {journal}_nodes WHERE level = $1 AND position = $2
