using K = PgVectorCompat.Sql.Keyword;

namespace PgVectorCompat.Sql;

/// <summary>CREATE, by what is created.</summary>
sealed class CreateRules(Grammar grammar) : Rules(grammar)
{
    public Statement Create()
    {
        var position = Expect(K.Create);
        var persistence = Grammar.Tables.Persistence();
        return Tokens.Current.Keyword switch
        {
            K.Table => Grammar.Tables.Create(persistence, position),
            K.Unique or K.Index => Grammar.Indexes.Create(position),
            _ => throw Error(),
        };
    }
}
