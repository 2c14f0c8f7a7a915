-- What a person types first.
\set VERBOSITY default
CREATE EXTENSION vector;
CREATE TABLE items (id bigserial PRIMARY KEY, embedding vector(3));
INSERT INTO items (embedding) VALUES ('[1,2,3]'), ('[4,5,6]'), (NULL);
SELECT * FROM items ORDER BY embedding <-> '[3,1,2]' LIMIT 5;
SELECT id, embedding <-> '[3,1,2]' AS distance FROM items ORDER BY 2;
\x on
SELECT * FROM items WHERE id = 1;
\x off
\pset null '(null)'
SELECT embedding FROM items WHERE id = 3;
\t on
SELECT count(*) FROM items;
\t off
\a
SELECT 1 AS a, 'x' AS b;
\a
SELECT 1/0;
SELECT * FROM nope;
SELECT id, FROM items;
INSERT INTO items (embedding) VALUES ('[1,2]');
INSERT INTO items VALUES (1);
SELECT '[1,2'::vector;
\set VERBOSITY verbose
\set SHOW_CONTEXT always
\set VERBOSITY terse
SELECT nope FROM items;
\set VERBOSITY default
\set name 'it''s'
SELECT :'name', :"name" FROM (SELECT 1 AS "it's") s;
SELECT 1 AS one, 2 AS two \gset pre_
\echo :pre_one :pre_two
SELECT 'SELECT ' || g FROM generate_series(1, 2) g \gexec
\echo :ERROR :SQLSTATE :ROW_COUNT
SELECT 1/0;
\echo :ERROR :SQLSTATE :LAST_ERROR_MESSAGE
PREPARE q (int) AS SELECT embedding FROM items WHERE id = $1;
EXECUTE q(1);
BEGIN;
DELETE FROM items;
ROLLBACK;
SELECT count(*) FROM items;
\set FETCH_COUNT 2
SELECT id FROM items ORDER BY id;
\unset FETCH_COUNT
\set AUTOCOMMIT off
INSERT INTO items (embedding) VALUES ('[7,8,9]');
ROLLBACK;
\set AUTOCOMMIT on
SELECT count(*) FROM items;
\set ON_ERROR_ROLLBACK on
BEGIN;
SELECT 1/0;
SELECT 'still here';
COMMIT;
\timing off
SELECT id, embedding FROM items \g (format=csv)
SELECT 1 \; SELECT 2;
SELECT 'a' AS x \gdesc
SELECT embedding, id, now()::timestamp(3), 'x'::varchar(5), 1.5::numeric(4,2) FROM items \gdesc
\if true
\echo yes
\endif
