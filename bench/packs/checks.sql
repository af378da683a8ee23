-- The fourteen custody checks by their definitions, over a table `history` of distinct events, those superseded left out and
-- those on a parent spelt out for each pack in it: code, event_time, event_id, action, actor, counterparty, batch, document,
-- split, key. Plain enough for DuckDB and PostgreSQL both. :now is put in by who runs it. A statement ends with ; at a line's end.

CREATE TABLE findings (number INTEGER NOT NULL, key TEXT NOT NULL);

-- 1 sold before · 10 received after a sale · 12 what goes out did not come in just before (the rest of an opened pack may)
INSERT INTO findings
SELECT n.number, w.key
FROM (SELECT key, action, split, actor,
             count(*) FILTER (WHERE action IN ('dispense', 'use')) OVER earlier AS sold,
             count(*) FILTER (WHERE action IN ('dispense', 'use') AND split = 0) OVER earlier AS sold_whole,
             lag(action) OVER by_time AS last_action, lag(actor) OVER by_time AS last_actor, lag(split) OVER by_time AS last_split
      FROM history
      WINDOW by_time AS (PARTITION BY code ORDER BY event_time, event_id),
             earlier AS (PARTITION BY code ORDER BY event_time, event_id ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)) w
JOIN (VALUES (1), (10), (12)) n(number)
  ON (n.number = 1 AND w.action IN ('dispense', 'use') AND w.split = 0 AND w.sold_whole > 0)
  OR (n.number = 10 AND w.action = 'receive' AND w.sold > 0)
  OR (n.number = 12 AND w.action IN ('ship', 'dispense', 'use', 'return_out')
      AND NOT coalesce(w.last_action IN ('produce', 'receive', 'return_in') AND w.last_actor = w.actor, false)
      AND NOT coalesce(w.action IN ('dispense', 'use') AND w.split = 1 AND w.last_action IN ('dispense', 'use') AND w.last_split = 1
                       AND w.last_actor = w.actor, false))
WHERE w.action IN ('dispense', 'use', 'receive', 'ship', 'return_out');

-- 2 sold by who never took it in
INSERT INTO findings
SELECT 2, t.key FROM history t
WHERE t.action IN ('dispense', 'use')
  AND NOT EXISTS (SELECT 1 FROM history i
                  WHERE i.code = t.code AND i.actor = t.actor AND i.action IN ('produce', 'receive', 'return_in')
                    AND (i.event_time, i.event_id) < (t.event_time, t.event_id));

-- 3 received and never sent
INSERT INTO findings
SELECT 3, r.key FROM history r
WHERE r.action IN ('receive', 'return_in') AND r.counterparty IS NOT NULL
  AND NOT EXISTS (SELECT 1 FROM history s
                  WHERE s.code = r.code AND s.actor = r.counterparty AND s.counterparty = r.actor
                    AND s.action IN ('ship', 'return_out') AND (s.event_time, s.event_id) < (r.event_time, r.event_id));

-- 4 bought outside the chain
INSERT INTO findings
SELECT 4, r.key FROM history r JOIN operators o ON o.id = r.actor
WHERE r.action = 'receive' AND o.type = 'chain_store' AND (r.counterparty IS NULL OR r.counterparty <> o.headquarters);

-- 5 sold after expiry
INSERT INTO findings
SELECT 5, t.key FROM history t JOIN batches b ON b.id = t.batch
WHERE t.action IN ('dispense', 'use') AND t.event_time > b.expires_at;

-- 6 never produced, though its maker is ours
INSERT INTO findings
SELECT 6, c.code
FROM (SELECT code FROM history GROUP BY code HAVING count(*) FILTER (WHERE action = 'produce') = 0) c
JOIN products p ON p.code = substr(c.code, 1, 7) JOIN operators o ON o.id = p.holder;

-- 7 sold after the recall
INSERT INTO findings
SELECT 7, t.key FROM history t JOIN batches b ON b.id = t.batch
WHERE t.action IN ('dispense', 'use') AND t.event_time > b.recalled_at;

-- 8 the invoice says another number
INSERT INTO findings
SELECT 8, d.id
FROM documents d
LEFT JOIN (SELECT document, count(*) AS shipped FROM history
           WHERE action IN ('ship', 'return_out') AND document IS NOT NULL GROUP BY document) h ON h.document = d.id
WHERE d.quantity <> coalesce(h.shipped, 0);

-- 9 a psychotropic dispensed without the scope
INSERT INTO findings
SELECT 9, t.key
FROM history t JOIN products p ON p.code = substr(t.code, 1, 7) JOIN operators o ON o.id = t.actor
WHERE t.action = 'dispense' AND p.class = 'psychotropic_2'
  AND position('|psychotropic_2|' IN '|' || coalesce(o.scopes, '') || '|') = 0;

-- 11 no valid licence on one side
INSERT INTO findings
SELECT 11, e.key
FROM history e LEFT JOIN operators a ON a.id = e.actor LEFT JOIN operators b ON b.id = e.counterparty
WHERE e.action IN ('ship', 'receive')
  AND (NOT coalesce(e.event_time BETWEEN a.licence_from AND a.licence_to, false)
       OR (e.counterparty IS NOT NULL AND NOT coalesce(e.event_time BETWEEN b.licence_from AND b.licence_to, false)));

-- 13 sent more than 30 days ago and not arrived
INSERT INTO findings
SELECT 13, s.key FROM history s
WHERE s.action = 'ship' AND s.event_time < :now - 30 * 86400
  AND NOT EXISTS (SELECT 1 FROM history r
                  WHERE r.code = s.code AND r.actor = s.counterparty AND r.counterparty = s.actor AND r.action = 'receive'
                    AND (r.event_time, r.event_id) > (s.event_time, s.event_id));

-- 14 not the batch it was produced in
INSERT INTO findings
SELECT 14, e.key
FROM history e JOIN (SELECT code, min(batch) AS batch FROM history WHERE action = 'produce' GROUP BY code) p ON p.code = e.code
WHERE e.batch <> p.batch;
