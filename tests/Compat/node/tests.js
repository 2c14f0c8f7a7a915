// node-postgres with pgvector's own adapter: node tests.js URL
const { once } = require('node:events');
const assert = require('node:assert/strict');
const { pipeline } = require('node:stream/promises');
const { Readable } = require('node:stream');
const pg = require('pg');
const Cursor = require('pg-cursor');
const copyStreams = require('pg-copy-streams');
const { SparseVector } = require('pgvector');
const pgvector = require('pgvector/pg');

const url = process.argv[2];

const tests = {
  async 'types both ways'(client) {
    const row = (await client.query({
      text: `SELECT $1::bool AS b, $2::int4 AS i, $3::int8 AS l, $4::float8 AS f, $5::numeric AS n, $6::text AS t, $7::bytea AS y,
             $8::timestamptz AS z, $9::jsonb AS j, $10::int4[] AS a, $11::text[] AS s, $12::uuid AS u, $13::date AS d`,
      values: [true, -5, '9223372036854775807', 1.5e300, '12345.6789', "it's \\ naïve 日本", Buffer.from([0, 255, 92]),
        new Date('2024-01-02T03:04:05.678Z'), { a: [1, null] }, [1, null, 3], ['a,b', '"', ''],
        'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11', '2024-02-29'],
    })).rows[0];
    assert.equal(row.b, true);
    assert.equal(row.i, -5);
    assert.equal(row.l, '9223372036854775807');
    assert.equal(row.f, 1.5e300);
    assert.equal(row.n, '12345.6789');
    assert.equal(row.t, "it's \\ naïve 日本");
    assert.deepEqual(row.y, Buffer.from([0, 255, 92]));
    assert.deepEqual(row.z, new Date('2024-01-02T03:04:05.678Z'));
    assert.deepEqual(row.j, { a: [1, null] });
    assert.deepEqual(row.a, [1, null, 3]);
    assert.deepEqual(row.s, ['a,b', '"', '']);
    assert.equal(row.u, 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11');
    assert.ok(row.d instanceof Date);
  },

  async 'NULL of every kind'(client) {
    const { rows } = await client.query('SELECT $1::int4 AS i, $2::text AS t, $3::vector AS v, $4::jsonb AS j, $5::int4[] AS a', [null, null, null, null, null]);
    assert.deepEqual(rows, [{ i: null, t: null, v: null, j: null, a: null }]);
  },

  async 'binary results'(client) {
    const { rows } = await client.query({ text: 'SELECT 7::int4 AS i, true AS b, 1.5::float8 AS f, 5::int2 AS s', binary: true });
    assert.deepEqual(rows, [{ i: 7, b: true, f: 1.5, s: 5 }]);
  },

  async 'vectors through the pgvector adapter'(client) {
    await pgvector.registerTypes(client);
    await client.query('CREATE TEMP TABLE items (id serial, v vector(3), h halfvec(2), s sparsevec(5), b bit(3))');
    await client.query('INSERT INTO items (v, h, s, b) VALUES ($1, $2, $3, $4), (NULL, NULL, NULL, NULL)',
      [pgvector.toSql([1, 2, 3]), pgvector.toSql([1.5, 2]), new SparseVector({ 0: 1, 4: 2.5 }, 5).toString(), '101']);
    const { rows } = await client.query('SELECT v, h, s, b FROM items ORDER BY id');
    assert.deepEqual(rows[0].v, [1, 2, 3]);
    assert.deepEqual(rows[0].h, [1.5, 2]);
    assert.deepEqual(rows[0].s.toArray(), [1, 0, 0, 0, 2.5]);
    assert.equal(rows[0].b, '101');
    assert.deepEqual(rows[1], { v: null, h: null, s: null, b: null });
    const nearest = await client.query('SELECT id, v <-> $1 AS d FROM items WHERE v IS NOT NULL ORDER BY v <-> $1 LIMIT 5', [pgvector.toSql([1, 2, 4])]);
    assert.deepEqual(nearest.rows, [{ id: 1, d: 1 }]);
  },

  async 'transactions'(client) {
    await client.query('CREATE TEMP TABLE t (id int PRIMARY KEY)');
    await client.query('BEGIN');
    await client.query('INSERT INTO t VALUES (1)');
    await assert.rejects(client.query('INSERT INTO t VALUES (1)'), { code: '23505', constraint: 't_pkey', table: 't', detail: 'Key (id)=(1) already exists.' });
    await assert.rejects(client.query('SELECT 1'), { code: '25P02' });
    assert.equal((await client.query('COMMIT')).command, 'ROLLBACK');
    assert.deepEqual((await client.query('SELECT count(*) FROM t')).rows, [{ count: '0' }]);
  },

  async 'prepared statements by name'(client) {
    for (let i = 0; i < 5; i++) {
      const { rows } = await client.query({ name: 'add', text: 'SELECT $1::int + 1 AS n', values: [i] });
      assert.deepEqual(rows, [{ n: i + 1 }]);
    }
    assert.equal((await client.query("SELECT count(*) FROM pg_prepared_statements WHERE name = 'add'")).rows[0].count, '1');
  },

  async 'several statements in one query'(client) {
    const results = await client.query('SELECT 1 AS a; SELECT 2 AS b, 3 AS c; CREATE TEMP TABLE z (id int); INSERT INTO z VALUES (1), (2)');
    assert.deepEqual(results.map((r) => [r.command, r.rowCount]), [['SELECT', 1], ['SELECT', 1], ['CREATE', null], ['INSERT', 2]]);
  },

  async 'queued queries'(client) {
    const results = await Promise.all(Array.from({ length: 100 }, (_, i) => client.query('SELECT $1::int AS n', [i])));
    assert.deepEqual(results.map((r) => r.rows[0].n), Array.from({ length: 100 }, (_, i) => i));
  },

  async 'cursors with row limits'(client) {
    await client.query('BEGIN');
    const cursor = client.query(new Cursor('SELECT g FROM generate_series(1, $1::int) g', [250]));
    const sizes = [];
    for (let rows = await cursor.read(100); rows.length > 0; rows = await cursor.read(100)) sizes.push(rows.length);
    await cursor.close();
    assert.deepEqual(sizes, [100, 100, 50]);
    await client.query('COMMIT');
  },

  async 'COPY in and out'(client) {
    await client.query('CREATE TEMP TABLE t (id int, s text, v vector(2))');
    const rows = Array.from({ length: 5000 }, (_, i) => `${i}\t${i % 5 ? 'text' + i : '\\N'}\t[${i},1]\n`);
    await pipeline(Readable.from(rows), client.query(copyStreams.from('COPY t FROM STDIN')));
    assert.deepEqual((await client.query('SELECT count(*), count(s) AS s FROM t')).rows, [{ count: '5000', s: '4000' }]);
    const parts = [];
    for await (const part of client.query(copyStreams.to('COPY (SELECT * FROM t ORDER BY id LIMIT 2) TO STDOUT'))) parts.push(part);
    assert.equal(Buffer.concat(parts).toString(), '0\t\\N\t[0,1]\n1\ttext1\t[1,1]\n');
    await assert.rejects(pipeline(Readable.from(['x\ty\t[1,2]\n']), client.query(copyStreams.from('COPY t FROM STDIN'))), { code: '22P02' });
    assert.deepEqual((await client.query('SELECT 1 AS one')).rows, [{ one: 1 }]);
  },

  async 'error fields'(client) {
    await assert.rejects(client.query('SELECT nope'), { code: '42703', position: '8', severity: 'ERROR' });
    await assert.rejects(client.query('SELECT $1::vector', ['[1,']), { code: '22P02' });
    await assert.rejects(client.query("SELECT '[1,2]'::vector <-> '[1]'"), { code: '22000', message: 'different vector dimensions 2 and 1' });
    await assert.rejects(client.query('SELEC'), { code: '42601' });
  },

  async 'cancel from another connection'(client) {
    const pid = (await client.query('SELECT pg_backend_pid() AS pid')).rows[0].pid;
    const other = new pg.Client(url);
    await other.connect();
    const sleeping = client.query('SELECT pg_sleep(30)');
    const cancelled = new Promise((answer) => setTimeout(() => answer(other.query('SELECT pg_cancel_backend($1)', [pid])), 300));
    await assert.rejects(sleeping, { code: '57014' });
    await cancelled;
    await other.end();
    assert.deepEqual((await client.query('SELECT 1 AS one')).rows, [{ one: 1 }]);
  },

  async 'a pool under load'() {
    const pool = new pg.Pool({ connectionString: url, max: 8 });
    const results = await Promise.all(Array.from({ length: 200 }, (_, i) => pool.query('SELECT $1::int * 2 AS n', [i])));
    assert.equal(results.reduce((sum, r) => sum + r.rows[0].n, 0), 39800);
    await pool.end();
  },

  async 'notices'(client) {
    const notice = once(client, 'notice');
    await client.query('DROP TABLE IF EXISTS nothing_here');
    assert.equal((await notice)[0].message, 'table "nothing_here" does not exist, skipping');
  },

  async 'column descriptions'(client) {
    const { fields } = await client.query("SELECT 1.5::numeric(6,2) AS n, 'x'::varchar(7) AS v, '[1,2]'::vector(2) AS e");
    assert.deepEqual(fields.map((f) => [f.name, f.dataTypeID === 1700 || f.dataTypeID === 1043 || f.dataTypeID >= 16384, f.dataTypeModifier]),
      [['n', true, 393222], ['v', true, 11], ['e', true, 2]]);
  },
};

async function main() {
  let passed = 0;
  let failed = 0;
  for (const [name, test] of Object.entries(tests)) {
    const client = new pg.Client(url);
    client.on('error', () => {});
    try {
      await client.connect();
      await test(client);
      passed++;
    } catch (error) {
      failed++;
      console.log(`--- ${name}\n${error.stack}`);
    } finally {
      await client.end().catch(() => {});
    }
  }
  console.log(`${passed} passed, ${failed} failed`);
  process.exit(failed ? 1 : 0);
}

main();
