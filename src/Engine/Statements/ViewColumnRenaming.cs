using PgVectorCompat.Engine.Binding;
using PgVectorCompat.Engine.Catalog;
using PgVectorCompat.Sql;
using PgVectorCompat.Storage;
using PgVectorCompat.Types;

namespace PgVectorCompat.Engine.Statements;

/// <summary>
/// Carries a column's new name into the queries of the views that read it. What a name means is learnt by binding the query as it was; that the new
/// text means the same is proved by binding it again. Output columns keep their names by aliases.
/// </summary>
sealed class ViewColumnRenaming
{
    readonly StatementContext _context;
    readonly Relation _table;
    readonly string _old;
    readonly string _new;
    readonly List<(Relation View, Query Query, HashSet<ObjectAddress> References)> _rewritten = [];

    /// <summary>Rewrites the views' queries, before the catalog has the new name. Raises 0A000 for what text cannot follow.</summary>
    public ViewColumnRenaming(StatementContext context, Relation table, Column column, string newName)
    {
        (_context, _table, _old, _new) = (context, table, column.Name, newName);
        var address = new ObjectAddress(table.Oid, column.Number);
        foreach (var user in context.Snapshot.All<Relation>().Where(view => view.References.Contains(address)).ToList())
        {
            var view = context.LockRelation(user, LockMode.AccessExclusive);
            var query = SqlParser.ParseQuery(view.ViewDefinition!);
            var found = new Dictionary<ColumnReference, BoundExpression>(ReferenceEqualityComparer.Instance);
            var bound = new QueryBinder(new BindingContext(context.Names, context.Settings, null) { ColumnsFound = found }).Bind(query, null);
            var sources = new List<BoundRelation>();
            CollectSources(bound, sources, new(ReferenceEqualityComparer.Instance));
            var ids = sources.Where(source => IsTable(source)).ToDictionary(source => source.Id);
            bool IsMine(ColumnReference written) => written.Name == _old && found.GetValueOrDefault(written) is BoundColumn { Column: >= 0 } read
                && ids.TryGetValue(read.Relation, out var source) && source.Columns[read.Column].Number == column.Number && source.Columns[read.Column].Name == _old;
            _rewritten.Add((view, Rewrite(query, view, IsMine, written => sources.Count > 1 ? ids[((BoundColumn)found[written]).Relation].Alias : null), References(bound)));
        }
    }

    /// <summary>Stores the queries; the catalog has the new name by now. Raises 0A000 when one does not mean what it meant.</summary>
    public void Finish()
    {
        foreach (var (view, query, references) in _rewritten)
        {
            try
            {
                if (!References(new QueryBinder(_context.NewBindingContext()).Bind(query, null)).SetEquals(references))
                    throw Unsupported(view);
            }
            catch (PgError error) when (error.SqlState != SqlState.FeatureNotSupported)
            {
                throw Unsupported(view);
            }
            _context.Catalog.Put(_context.Snapshot.Get<Relation>(view.Oid) with { ViewDefinition = SqlWriter.Write(query) });
        }
    }

    Query Rewrite(Query query, Relation view, Func<ColumnReference, bool> isMine, Func<ColumnReference, string?> qualifier)
    {
        SyntaxRewriter.Visit(query, node =>
        {
            // These join by names, whichever those are.
            if (node is JoinReference { IsNatural: true })
                throw Unsupported(view);
        });
        var named = SyntaxRewriter.Rewrite(query, node => node is SelectTarget { Alias: null } target && TargetBinder.NameOf(target.Value) == _old && Contains(target.Value, isMine)
            ? target with { Alias = _old } : node);
        return SyntaxRewriter.Rewrite(named, node => node is ColumnReference written && isMine(written)
            ? written with { Names = written.Names.Length == 1 && qualifier(written) is { } alias ? [alias, _new] : written.Names.SetItem(written.Names.Length - 1, _new) } : node);
    }

    static bool Contains(Expression expression, Func<ColumnReference, bool> isMine)
    {
        var found = false;
        SyntaxRewriter.Visit(expression, node => found |= node is ColumnReference written && isMine(written));
        return found;
    }

    HashSet<ObjectAddress> References(BoundQuery bound)
    {
        var found = new HashSet<ObjectAddress>();
        QueryReferences.Collect(bound, _context, found);
        return found;
    }

    // A view stands in a query as a derived table whose columns are the view's.
    bool IsTable(BoundRelation source)
        => source is BoundTable table ? table.Table.Oid == _table.Oid : _table.Kind == RelationKind.View && source is BoundDerived && source.Columns is [{ TableOid: var oid }, ..] && oid == _table.Oid;

    /// <summary>All relations that the query itself names, not those inside of views.</summary>
    void CollectSources(object part, List<BoundRelation> sources, HashSet<object> visited)
    {
        if (!visited.Add(part))
            return;
        if (part is BoundRelation relation)
            sources.Add(relation);
        if (part is BoundDerived derived && QueryReferences.ViewOf(derived, _context) is not null)
            return;
        foreach (var child in BoundParts.Of(part))
            if (child is not null)
                CollectSources(child, sources, visited);
    }

    PgError Unsupported(Relation view) => PgError.Unsupported($"renaming column \"{_old}\", which view \"{view.Name}\" uses,");
}
