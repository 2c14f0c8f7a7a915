using System.Collections.Immutable;
using K = PgVectorCompat.Sql.Keyword;

namespace PgVectorCompat.Sql;

/// <summary>Statements by their first word.</summary>
sealed class StatementRules(Grammar grammar) : Rules(grammar)
{
    /// <summary>All statements of the query string.</summary>
    public ImmutableArray<ParsedStatement> All()
    {
        var statements = ImmutableArray.CreateBuilder<ParsedStatement>(1);
        while (true)
        {
            while (Accept(TokenKind.Semicolon)) { }
            if (At(TokenKind.End)) return statements.DrainToImmutable();

            var start = Tokens.Current.Start;
            var statement = Statement();
            statements.Add(new ParsedStatement(statement, start, Tokens.Previous.End - start));
            if (!At(TokenKind.End) && !At(TokenKind.Semicolon)) throw Error();
        }
    }

    public Statement Statement() => Tokens.Current.Keyword switch
    {
        K.Select or K.Values or K.Table or K.With or K.Insert or K.Update or K.Delete or K.Merge => Grammar.Data.Preparable(),
        K.Truncate => Grammar.Data.Truncate(),
        K.Copy => Grammar.Copies.Copy(),
        K.Begin or K.Start => Grammar.Transactions.Begin(),
        K.Commit or K.End => Grammar.Transactions.Commit(),
        K.Rollback or K.Abort => Grammar.Transactions.Rollback(),
        K.Savepoint => Grammar.Transactions.Savepoint(),
        K.Release => Grammar.Transactions.Release(),
        K.Set => Grammar.Settings.Set(),
        K.Reset => Grammar.Settings.Reset(),
        K.Show => Grammar.Settings.Show(),
        K.Prepare => Grammar.Sessions.Prepare(),
        K.Execute => Grammar.Sessions.Execute(),
        K.Deallocate => Grammar.Sessions.Deallocate(),
        K.Declare => Grammar.Sessions.Declare(),
        K.Fetch or K.Move => Grammar.Sessions.Fetch(),
        K.Close => Grammar.Sessions.Close(),
        K.Listen => Grammar.Sessions.Listen(),
        K.Unlisten => Grammar.Sessions.Unlisten(),
        K.Notify => Grammar.Sessions.Notify(),
        K.Discard => Grammar.Sessions.Discard(),
        K.Load => Grammar.Sessions.Load(),
        K.Explain => Grammar.Maintenance.Explain(),
        K.Vacuum => Grammar.Maintenance.Vacuum(),
        K.Analyze or K.Analyse => Grammar.Maintenance.Analyze(),
        K.Cluster => Grammar.Maintenance.Cluster(),
        K.Checkpoint => Grammar.Maintenance.Checkpoint(),
        K.Lock => Grammar.Maintenance.Lock(),
        K.Reindex => Grammar.Indexes.Reindex(),
        K.Create => Grammar.Creates.Create(),
        K.Alter => Grammar.Alters.Alter(),
        K.Drop => Grammar.Objects.Drop(),
        K.Comment => Grammar.Objects.Comment(),
        K.Security => Grammar.Objects.SecurityLabel(),
        K.Grant => Grammar.Grants.Grant(),
        K.Revoke => Grammar.Grants.Revoke(),
        K.Reassign => Grammar.Roles.ReassignOwned(),
        K.Refresh => Grammar.Creates.Refresh(),
        K.Do => Grammar.Functions.Do(),
        K.Call => Grammar.Functions.Call(),
        K.Import => Grammar.Unsupported.Import(),
        _ => At(TokenKind.LeftParen) ? Grammar.Data.Preparable() : throw Error(),
    };
}
