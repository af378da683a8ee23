-- What every database holds once: the row types whose tables exist, and of which form.
CREATE TABLE IF NOT EXISTS qingyuan_projections (
    name {text} PRIMARY KEY,
    shape {text} NOT NULL
);
