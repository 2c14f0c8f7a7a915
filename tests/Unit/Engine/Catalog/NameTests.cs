using System.Text;
using PgVectorCompat.Engine.Catalog;
using Xunit;

namespace PgVectorCompat.Unit.Engine.Catalog;

public sealed class NameTests
{
    [Theory]
    [InlineData("t", "a", "key", "t_a_key")]
    [InlineData("t", null, "pkey", "t_pkey")]
    // The longer part is cut first, as PostgreSQL's makeObjectName does; taken from a real server.
    [InlineData("longname_longname_longname_longname_longname_longname_long", "column_with_quite_a_long_name_column_with_quite_a_long_name", "key", "longname_longname_longname_lo_column_with_quite_a_long_name_key")]
    public void Made_up_names_are_PostgreSQLs(string table, string? column, string label, string expected)
        => Assert.Equal(expected, Identifier.Combine(table, column, label));

    [Fact]
    public void A_name_is_cut_between_characters()
    {
        var cut = Identifier.Truncate(new string('é', 40));
        Assert.Equal(new string('é', 31), cut);
        Assert.True(Encoding.UTF8.GetByteCount(cut) <= Identifier.MaxBytes);
    }

    [Fact]
    public void A_taken_name_gets_a_number()
        => Assert.Equal("t_a_idx2", Identifier.Choose("t", "a", "idx", name => name is "t_a_idx" or "t_a_idx1"));

    [Theory]
    [InlineData("\"$user\", public", "$user|public")]
    [InlineData("A , \"B\",\"c\"\"d\"", "a|B|c\"d")]
    [InlineData("", "")]
    [InlineData("\"\"", "")]
    public void A_search_path_is_a_list_of_names(string setting, string expected)
        => Assert.Equal(expected, string.Join('|', SearchPath.SplitNames(setting)));
}
