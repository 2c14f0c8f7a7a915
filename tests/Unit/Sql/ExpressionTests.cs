using PgVectorCompat.Sql;
using PgVectorCompat.Types;
using Xunit;

namespace PgVectorCompat.Unit.Sql;

/// <summary>Expressions in, their normal form out: parentheses show what binds closer.</summary>
public sealed class ExpressionTests
{
    [Theory]
    [InlineData("1 + 2 * 3 ^ 4", "(1 + (2 * (3 ^ 4)))")]
    [InlineData("a - b - c", "((a - b) - c)")]
    [InlineData("2 ^ 3 ^ 4", "((2 ^ 3) ^ 4)")]
    [InlineData("-a ^ 2", "((- a) ^ 2)")]
    [InlineData("- a :: int", "(- (a)::integer)")]
    [InlineData("@ a + b", "(@ (a + b))")]
    [InlineData("@ a || b", "((@ a) || b)")]
    [InlineData("a <-> b + c < d", "((a <-> (b + c)) < d)")]
    [InlineData("a < b and not c or d", "(((a < b) AND (NOT c)) OR d)")]
    [InlineData("not a = b", "(NOT (a = b))")]
    [InlineData("a or b or c and d", "(a OR b OR (c AND d))")]
    [InlineData("a = b is null", "((a = b) IS NULL)")]
    [InlineData("a is null is not true", "((a IS NULL) IS NOT TRUE)")]
    [InlineData("a isnull, b notnull", null)]
    [InlineData("a is not distinct from b + 1", "(NOT (a IS DISTINCT FROM (b + 1)))")]
    [InlineData("a between 1 and 2 and b", "((a BETWEEN 1 AND 2) AND b)")]
    [InlineData("a not between symmetric b + 1 and c", "(a NOT BETWEEN SYMMETRIC (b + 1) AND c)")]
    [InlineData("a not in (1, 2)", "(a NOT IN (1, 2))")]
    [InlineData("not a in (1)", "(NOT (a IN (1)))")]
    [InlineData("a like 'x%' escape '!'", "(a ~~ like_escape('x%', '!'))")]
    [InlineData("a not ilike b || 'c'", "(a !~~* (b || 'c'))")]
    [InlineData("a similar to 'b'", "(a ~ similar_to_escape('b'))")]
    [InlineData("a = any (b)", "(a = ANY (b))")]
    [InlineData("a <> all ('{1,2}'::int[])", "(a <> ALL ('{1,2}'::integer[]))")]
    [InlineData("a like any (array['x'])", "(a ~~ ANY (ARRAY['x']))")]
    [InlineData("a operator(pg_catalog.+) b * c", "(a OPERATOR(pg_catalog.+) (b * c))")]
    [InlineData("a collate \"C\" || b", "((a COLLATE \"C\") || b)")]
    [InlineData("a at time zone 'utc' + b", "((a AT TIME ZONE 'utc') + b)")]
    [InlineData("a<>-1", "(a <> '-1'::integer)")]
    [InlineData("a!=-1", "(a !=- 1)")]
    [InlineData("a@-1", "(a @- 1)")]
    public void Operators_bind_as_in_PostgreSQL(string sql, string? expected)
    {
        if (expected is null) Assert.Throws<PgError>(() => SqlParser.ParseExpression(sql));
        else AssertWritten(sql, expected);
    }

    [Theory]
    [InlineData("2147483647", "2147483647")]
    [InlineData("-2147483648", "'-2147483648'::integer")]
    [InlineData("2147483648", "'2147483648'::bigint")]
    [InlineData("-9223372036854775808", "'-9223372036854775808'::bigint")]
    [InlineData("9223372036854775808", "'9223372036854775808'::numeric")]
    [InlineData("1.5e10", "1.5e10")]
    [InlineData(".5", ".5")]
    [InlineData("5.", "5.")]
    [InlineData("'it''s'", "'it''s'")]
    [InlineData("'a'\n  'b'", "'ab'")]
    [InlineData("E'\\x41\\n\\u00e9\\101\\\\'", "E'A\néA\\\\'")]
    [InlineData("E'\\xc3\\xa9'", "'é'")]
    [InlineData("U&'\\0041\\+01F600'", "'A😀'")]
    [InlineData("U&'!0041' uescape '!'", "'A'")]
    [InlineData("$$it's$$", "'it''s'")]
    [InlineData("$x$a$$b$x$", "'a$$b'")]
    [InlineData("b'101'", "B'101'")]
    [InlineData("x'1F'", "X'1F'")]
    [InlineData("int '5'", "'5'::integer")]
    [InlineData("vector(3) '[1,2,3]'", "'[1,2,3]'::vector(3)")]
    [InlineData("timestamp(3) with time zone 'now'", "'now'::timestamp(3) with time zone")]
    [InlineData("interval '1' day to second(3)", "'1'::interval day to second(3)")]
    [InlineData("char 'abc'", "'abc'::bpchar")]
    [InlineData("cast('x' as char)", "'x'::character(1)")]
    [InlineData("x::\"char\"", "(x)::\"char\"")]
    [InlineData("x::varchar(10)[][]", "(x)::character varying(10)[]")]
    [InlineData("null::float(24)", "NULL::real")]
    [InlineData("n'abc'", "'abc'::bpchar")]
    public void Constants_and_casts(string sql, string expected) => AssertWritten(sql, expected);

    [Theory]
    [InlineData("\"Weird\"\"Name\".B", "\"Weird\"\"Name\".b")]
    [InlineData("U&\"d\\0061t\"", "dat")]
    [InlineData("a.select", "a.\"select\"")]
    [InlineData("ÄB", "\"Äb\"")]
    [InlineData("(a).b.c[1][2:3]", "(((a).b).c)[1][2:3]")]
    [InlineData("(f(1)).*", "(f(1)).*")]
    [InlineData("$1[2].x", "($1[2]).x")]
    [InlineData("count(*) filter (where a > 1) over (partition by b order by c desc rows 2 preceding exclude ties)",
        "count(*) FILTER (WHERE (a > 1)) OVER (PARTITION BY b ORDER BY c DESC ROWS 2 PRECEDING EXCLUDE TIES)")]
    [InlineData("percentile_cont(0.5) within group (order by a)", "percentile_cont(0.5) WITHIN GROUP (ORDER BY a)")]
    [InlineData("s.f(a, variadic b => c)", "s.f(a, VARIADIC b => c)")]
    [InlineData("string_agg(distinct a, ',' order by a)", "string_agg(DISTINCT a, ',' ORDER BY a)")]
    [InlineData("extract(year from a)", "EXTRACT(year FROM a)")]
    [InlineData("position('a' in 'b')", "POSITION(('a') IN ('b'))")]
    [InlineData("substring(a from 2 for 3)", "SUBSTRING(a FROM 2 FOR 3)")]
    [InlineData("substring(a for 2)", "SUBSTRING(a FROM 1 FOR (2)::integer)")]
    [InlineData("substring(a, 2)", "\"substring\"(a, 2)")]
    [InlineData("trim(leading 'x' from a)", "TRIM(LEADING 'x' FROM a)")]
    [InlineData("trim(a, 'x')", "TRIM(BOTH 'x' FROM a)")]
    [InlineData("overlay(a placing b from 1)", "OVERLAY(a PLACING b FROM 1)")]
    [InlineData("(a, b) overlaps (c, d)", "((a, b) OVERLAPS (c, d))")]
    [InlineData("current_timestamp(3)", "CURRENT_TIMESTAMP(3)")]
    [InlineData("current_schema()", "\"current_schema\"()")]
    [InlineData("case a when 1 then 'x' else 'y' end", "CASE a WHEN 1 THEN 'x' ELSE 'y' END")]
    [InlineData("coalesce(a, nullif(b, c), greatest(1, 2))", "COALESCE(a, NULLIF(b, c), GREATEST(1, 2))")]
    [InlineData("array[[1, 2], [3, 4]]", "ARRAY[ARRAY[1, 2], ARRAY[3, 4]]")]
    [InlineData("(1, 2) = row(3, 4)", "(ROW(1, 2) = ROW(3, 4))")]
    [InlineData("a is nfc normalized", "((a) IS NFC NORMALIZED)")]
    [InlineData("exists (select 1)", "EXISTS (SELECT 1)")]
    [InlineData("a in (select b from c)", "(a IN (SELECT b FROM c))")]
    [InlineData("((select 1) + 1)", "((SELECT 1) + 1)")]
    public void Names_calls_and_SQL_syntax(string sql, string expected) => AssertWritten(sql, expected);

    [Fact]
    public void Positions_are_those_of_PostgreSQL()
    {
        var sum = Assert.IsType<BinaryOperator>(SqlParser.ParseExpression("a  + b.c"));

        Assert.Equal((4, 1, 6), (sum.Position, sum.Left.Position, sum.Right.Position));
    }

    [Fact]
    public void Positions_count_characters_beyond_the_first_plane_once()
        => Assert.Equal(7, Assert.IsType<BinaryOperator>(SqlParser.ParseExpression("'😀😀' + 1")).Position + 1);

    [Fact]
    public void A_backslash_escapes_in_plain_strings_when_the_setting_is_off()
    {
        var statement = SqlParser.Parse(@"select 'a\'b'", standardConformingStrings: false)[0].Statement;
        var select = Assert.IsType<SelectQuery>(Assert.IsType<QueryStatement>(statement).Query);

        Assert.Equal("a'b", Assert.IsType<StringConstant>(select.Targets[0].Value).Value);
    }

    [Fact]
    public void Names_are_cut_to_63_bytes()
    {
        var name = Assert.IsType<ColumnReference>(SqlParser.ParseExpression(new string('ä', 40))).Name;

        Assert.Equal(new string('ä', 31), name);
    }

    static void AssertWritten(string sql, string expected)
    {
        var written = SqlWriter.Write(SqlParser.ParseExpression(sql));

        Assert.Equal(expected, written);
        Assert.Equal(expected, SqlWriter.Write(SqlParser.ParseExpression(written)));
    }
}
