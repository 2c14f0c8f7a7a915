using PgVectorCompat.Sql;
using Xunit;

namespace PgVectorCompat.Unit.Sql;

public sealed class KeywordTests
{
    [Fact]
    public void The_table_has_the_words_of_PostgreSQL_15()
    {
        var categories = Keywords.All.CountBy(Keywords.Category).ToDictionary();

        Assert.Equal(
            [309, 51, 23, 77],
            new[] { KeywordCategory.Unreserved, KeywordCategory.ColumnName, KeywordCategory.TypeOrFunctionName, KeywordCategory.Reserved }
                .Select(c => categories[c]));
        Assert.Equal(39, Keywords.All.Count(k => !Keywords.IsBareLabel(k)));
    }

    [Theory]
    [InlineData("select", Keyword.Select, KeywordCategory.Reserved)]
    [InlineData("current_date", Keyword.CurrentDate, KeywordCategory.Reserved)]
    [InlineData("none", Keyword.None, KeywordCategory.ColumnName)]
    [InlineData("abort", Keyword.Abort, KeywordCategory.Unreserved)]
    [InlineData("zone", Keyword.Zone, KeywordCategory.Unreserved)]
    [InlineData("verbose", Keyword.Verbose, KeywordCategory.TypeOrFunctionName)]
    public void Words_are_found_in_lower_case(string word, Keyword keyword, KeywordCategory category)
    {
        Assert.Equal((keyword, category), (Keywords.Find(word), Keywords.Category(keyword)));
        Assert.Equal(word, Keywords.Word(keyword));
    }

    [Theory]
    [InlineData("abc_1", "abc_1")]
    [InlineData("Abc", "\"Abc\"")]
    [InlineData("1a", "\"1a\"")]
    [InlineData("a$", "\"a$\"")]
    [InlineData("select", "\"select\"")]
    [InlineData("values", "\"values\"")]
    [InlineData("name", "name")]
    [InlineData("a\"b", "\"a\"\"b\"")]
    [InlineData("", "\"\"")]
    public void Identifiers_are_quoted_when_they_must_be(string name, string expected) => Assert.Equal(expected, Identifiers.Quote(name));
}
