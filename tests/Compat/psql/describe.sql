-- The backslash commands that people use daily.
CREATE EXTENSION vector;
CREATE SCHEMA app;
CREATE TABLE parent (id int PRIMARY KEY);
CREATE TABLE t (id serial PRIMARY KEY, name varchar(20) NOT NULL DEFAULT 'x', price numeric(8,2) CHECK (price > 0), pid int REFERENCES parent ON DELETE CASCADE, e vector(3), tags text[], g int GENERATED ALWAYS AS (id * 2) STORED, i bigint GENERATED ALWAYS AS IDENTITY, at timestamptz DEFAULT now(), CONSTRAINT nm UNIQUE (name, price));
CREATE INDEX t_lower ON t (lower(name)) WHERE price > 1;
CREATE INDEX t_desc ON t (pid DESC NULLS LAST, at);
CREATE VIEW v AS SELECT id, name FROM t WHERE id > 5;
CREATE SEQUENCE s START 5 INCREMENT 2;
CREATE TABLE app.inner_t (x halfvec(2), y sparsevec(5), z bit(4));
COMMENT ON TABLE t IS 'the table';
\d t
\d parent
\d v
\d s
\d t_lower
\d t_pkey
\d app.inner_t
\d nope
\dt
\dt app.*
\dt *.inner_t
\dv
\ds
\di
\dn
\d
\dx vector
