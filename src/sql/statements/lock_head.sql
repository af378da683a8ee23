SELECT size, chain, peaks, at_us, folded, origin FROM {journal}_head {for_update}
