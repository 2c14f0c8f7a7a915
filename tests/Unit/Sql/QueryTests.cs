using PgVectorCompat.Sql;
using Xunit;

namespace PgVectorCompat.Unit.Sql;

/// <summary>Queries and data statements, as PostgreSQL lays out view definitions.</summary>
public sealed class QueryTests
{
    [Fact]
    public void A_view_looks_as_in_PostgreSQL()
        => Assert.Equal(
            """
             WITH q(z) AS (
                     SELECT t.a
                       FROM t
                    )
             SELECT q.z,
                ( SELECT max(u.a) AS max
                       FROM u
                      WHERE (u.a = q.z)) AS m,
                    CASE
                        WHEN (t.a > 1) THEN 'x'::text
                        ELSE t.b
                    END AS y
               FROM ((q
                 JOIN t ON ((t.a = q.z)))
                 LEFT JOIN u x USING (a)),
                generate_series(1, 3) WITH ORDINALITY g(n, o)
              WHERE (t.a > 1)
              GROUP BY q.z
             HAVING (count(*) > 1)
              ORDER BY q.z DESC NULLS LAST
             OFFSET 1
             LIMIT 3
            """,
            Written("""
                with q(z) as (select t.a from t)
                select q.z, (select max(u.a) as max from u where u.a = q.z) as m, case when t.a > 1 then 'x'::text else t.b end as y
                from q join t on t.a = q.z left join u x using (a), generate_series(1, 3) with ordinality g(n, o)
                where t.a > 1 group by q.z having count(*) > 1 order by q.z desc nulls last limit 3 offset 1
                """));

    [Fact]
    public void Set_operations_look_as_in_PostgreSQL()
        => Assert.Equal(
            """
            (
                     SELECT 1
                    UNION
                    ( SELECT 2
                     LIMIT 1)
            ) EXCEPT (
                     SELECT 3
                    INTERSECT
                     SELECT 4
            )
              ORDER BY 1
            """,
            Written("select 1 union (select 2 limit 1) except (select 3 intersect select 4) order by 1"));

    [Theory]
    [InlineData("select")]
    [InlineData("select from t")]
    [InlineData("select *, a.*, b c, d as \"E\" from only t as x(y, z), s.u")]
    [InlineData("select distinct on (a, b) a from t for update of t nowait for share skip locked")]
    [InlineData("select 1 from a natural left join b cross join c full join (d join e on 1 = 2) using (x, y) as j")]
    [InlineData("select 1 from a join b join c on x on y")]
    [InlineData("select 1 from lateral (select 2) x, lateral f(1) y, rows from (f(1), g(2) as (a int)) as z(p), h() as (a int, b text)")]
    [InlineData("select 1 from ((select 1) union (select 2)) x, ((select 1) a join b using (x)) y")]
    [InlineData("select 1 from t tablesample bernoulli (10) repeatable (1) group by a, (), (b, c), rollup (a, (b, c)), grouping sets ((a), cube (b))")]
    [InlineData("select sum(a) over w from t window w as (partition by b order by c range between unbounded preceding and 1 following)")]
    [InlineData("select 1 order by 1 fetch first 3 rows with ties")]
    [InlineData("select 1 limit all offset 2")]
    [InlineData("select a into temp x from t")]
    [InlineData("values (1, 'a'), (2, default)")]
    [InlineData("table t")]
    [InlineData("with recursive a(x) as materialized (select 1 union all select x + 1 from a) search depth first by x set o cycle x set c using p select * from a")]
    [InlineData("with d as (delete from t using u where t.a = u.a returning *) select * from d")]
    [InlineData("insert into t default values")]
    [InlineData("insert into t as x (a, b[1], c.d) overriding user value values (1, default, 3) on conflict (a, lower(b), (c + 1)) where x do update set a = excluded.a, (b, c) = (select 1, 2) where x.a > 1 returning *, a as b")]
    [InlineData("insert into t select 1 on conflict on constraint k do nothing")]
    [InlineData("update only t x set a = 1, b[1].c = default from u where x.a = u.a returning a")]
    [InlineData("update t set a = 1 where current of c")]
    [InlineData("merge into t using s on t.a = s.a when matched and s.b then update set a = 1 when matched then delete when not matched then insert (a) values (1) when not matched then do nothing")]
    public void What_is_written_parses_to_what_is_written(string sql)
    {
        var written = Written(sql);

        Assert.Equal(written, Written(written));
    }

    [Fact]
    public void Every_statement_knows_its_text()
    {
        const string sql = " /* x */ select 1 ; ; update t set a = 1 -- y\n;";

        Assert.Equal(["select 1", "update t set a = 1"], SqlParser.Parse(sql).Select(s => s.Text(sql)));
    }

    static string Written(string sql) => SqlWriter.Write(SqlParser.Parse(sql)[0].Statement).ReplaceLineEndings("\n");
}
