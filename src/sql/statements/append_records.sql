INSERT INTO {journal}_records (seq, dossier, record, chain) {rows integer integer bytes bytes}
