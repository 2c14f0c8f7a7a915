using PgVectorCompat.Sql;
using PgVectorCompat.Types;
using Xunit;

namespace PgVectorCompat.Unit.Sql;

/// <summary>Messages and positions, as a real PostgreSQL gave them.</summary>
public sealed class SyntaxErrorTests
{
    [Theory]
    [InlineData("select 1 +", 11, "syntax error at end of input")]
    [InlineData("selec 1", 1, "syntax error at or near \"selec\"")]
    [InlineData("select 1)", 9, "syntax error at or near \")\"")]
    [InlineData("select 1 from", 14, "syntax error at end of input")]
    [InlineData("select 1; foo", 11, "syntax error at or near \"foo\"")]
    [InlineData("select 'a' 'b'", 12, "syntax error at or near \"'b'\"")]
    [InlineData("select 'abc", 8, "unterminated quoted string at or near \"'abc\"")]
    [InlineData("select \"abc", 8, "unterminated quoted identifier at or near \"\"abc\"")]
    [InlineData("select \"a\"\"b\", \"\"", 16, "zero-length delimited identifier at or near \"\"\"\"")]
    [InlineData("select /* abc", 8, "unterminated /* comment at or near \"/* abc\"")]
    [InlineData("select $a$abc", 8, "unterminated dollar-quoted string at or near \"$a$abc\"")]
    [InlineData("select 1a", 8, "trailing junk after numeric literal at or near \"1a\"")]
    [InlineData("select 1.5e", 8, "trailing junk after numeric literal at or near \"1.5e\"")]
    [InlineData("select \\", 8, "syntax error at or near \"\\\"")]
    [InlineData("select a < b < c", 14, "syntax error at or near \"<\"")]
    [InlineData("select a between b and c between d and e", 26, "syntax error at or near \"between\"")]
    [InlineData("select f(1)[1]", 12, "syntax error at or near \"[\"")]
    [InlineData("select (1) overlaps (2)", 12, "syntax error at or near \"overlaps\"")]
    [InlineData("select int(4) '1'", 11, "syntax error at or near \"(\"")]
    [InlineData("select 1 limit 1, 2", 10, "LIMIT #,# syntax is not supported")]
    [InlineData("(select 1 limit 1) limit 2", 26, "multiple LIMIT clauses not allowed")]
    [InlineData("select * from (a)", 17, "syntax error at or near \")\"")]
    [InlineData("select * from a join b", 23, "syntax error at end of input")]
    [InlineData("create table t (a int,)", 23, "syntax error at or near \")\"")]
    [InlineData("create table t (a)", 19, "syntax error at end of input")]
    [InlineData("create index on t (a+b)", 21, "syntax error at or near \"+\"")]
    [InlineData("alter table t foo", 15, "syntax error at or near \"foo\"")]
    [InlineData("drop foo", 6, "syntax error at or near \"foo\"")]
    [InlineData("create user u foo", 15, "unrecognized role option \"foo\"")]
    [InlineData("select 'é', +", 14, "syntax error at end of input")]
    public void Syntax_errors(string sql, int position, string message)
    {
        var error = Assert.Throws<PgError>(() => SqlParser.Parse(sql));

        Assert.Equal((SqlState.SyntaxError, position, message), (error.SqlState, error.Position, error.Message));
    }

    [Theory]
    [InlineData("select E'\\u004'", SqlState.InvalidEscapeSequence, "invalid Unicode escape")]
    [InlineData("select E'\\xff'", SqlState.CharacterNotInRepertoire, "invalid byte sequence for encoding \"UTF8\": 0xff")]
    [InlineData("create role public", SqlState.ReservedName, "role name \"public\" is reserved")]
    [InlineData("select float(0) '1'", SqlState.InvalidParameterValue, "precision for type float must be at least 1 bit")]
    [InlineData("select xmlelement(name a)", SqlState.FeatureNotSupported, "XMLELEMENT is not supported")]
    public void Other_errors(string sql, string sqlState, string message)
    {
        var error = Assert.Throws<PgError>(() => SqlParser.Parse(sql));

        Assert.Equal((sqlState, message), (error.SqlState, error.Message));
    }

    [Theory]
    [InlineData("(", ")")]
    [InlineData("- ", "")]
    [InlineData("not ", "")]
    [InlineData("array[", "]")]
    [InlineData("f(", ")")]
    [InlineData("case when ", " then 1 end")]
    [InlineData("(select ", ")")]
    public void Deep_nesting_is_an_error_and_no_crash(string open, string close)
    {
        var sql = "select " + string.Concat(Enumerable.Repeat(open, 1_000_000)) + "1" + string.Concat(Enumerable.Repeat(close, 1_000_000));

        Assert.Equal(SqlState.StatementTooComplex, Assert.Throws<PgError>(() => SqlParser.Parse(sql)).SqlState);
    }

    [Fact]
    public void A_long_chain_of_operators_parses_and_is_too_deep_to_write()
    {
        var sum = SqlParser.ParseExpression(string.Join(" + ", Enumerable.Repeat("1", 200_000)));

        Assert.Equal(SqlState.StatementTooComplex, Assert.Throws<PgError>(() => SqlWriter.Write(sum)).SqlState);
    }

    [Fact]
    public void Long_lists_of_conditions_nest_no_deeper()
    {
        var terms = Assert.IsType<OrExpression>(SqlParser.ParseExpression(string.Join(" or ", Enumerable.Repeat("a = 1", 50_000)))).Terms;

        Assert.Equal(50_000, terms.Length);
    }
}
