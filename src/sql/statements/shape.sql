SELECT shape FROM qingyuan_projections WHERE name = $1
