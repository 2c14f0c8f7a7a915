-- \copy and COPY through psql.
CREATE EXTENSION vector;
CREATE TABLE t (id int, s text, v vector(2));
COPY t FROM STDIN;
1	a	[1,2]
2	\N	\N
3	tab\there	[3,4]
\.
COPY t TO STDOUT;
COPY t TO STDOUT (FORMAT csv, HEADER);
\copy t (id, s) from program 'printf "4,\"x,y\"\n5,\n"' with (format csv)
\copy (select * from t order by id) to stdout
\copy t to '/dev/null' (format binary)
\copy t from '/nonexistent'
\copy nope from '/dev/null'
COPY t FROM STDIN;
x	a	[1,2]
\.
COPY t FROM STDIN;
7	a	[1,2,3]
\.
COPY t (id) FROM STDIN (FORMAT csv);
8
"9"
\.
SELECT count(*), sum(id) FROM t;
\! rm -f /tmp/pgvc_copy_test.bin
\copy (select * from t where v is not null order by id) to '/tmp/pgvc_copy_test.bin' (format binary)
CREATE TABLE back (LIKE t);
\copy back from '/tmp/pgvc_copy_test.bin' (format binary)
SELECT * FROM back ORDER BY id;
\! rm -f /tmp/pgvc_copy_test.bin
