using PgVectorCompat.Engine.Catalog;
using PgVectorCompat.Engine.SystemViews;
using PgVectorCompat.Sql;
using PgVectorCompat.Storage;
using PgVectorCompat.Types;
using Constraint = PgVectorCompat.Engine.Catalog.Constraint;

namespace PgVectorCompat.Engine.Statements;

/// <summary>LIKE of CREATE TABLE: columns with NOT NULL, and what INCLUDING adds.</summary>
sealed class TableLike
{
    readonly StatementContext _context;
    readonly TableBuilder _builder;
    readonly Relation _source;
    readonly LikeOptions _including;
    readonly Dictionary<short, short> _numbers = [];

    TableLike(StatementContext context, TableBuilder builder, Relation source, LikeOptions including)
        => (_context, _builder, _source, _including) = (context, builder, source, including);

    public static TableLike AddColumns(StatementContext context, TableBuilder builder, LikeClause clause)
    {
        if (context.Names.FindRelation(clause.Table) is SystemTable)
            throw PgError.Unsupported("LIKE of a system catalog", clause.Position);
        var source = RelationFinder.Find<Relation>(context, clause.Table, LockMode.AccessShare);
        Privileges.Require(context.Snapshot, context.Role, source, Rights.Select);
        var like = new TableLike(context, builder, source, clause.Including);
        foreach (var column in source.LiveColumns)
            like._numbers.Add(column.Number, builder.AddLikeColumn(column, clause.Including, context.Snapshot.IdentitySequence(source.Oid, column.Number)));
        return like;
    }

    /// <summary>INCLUDING GENERATED and CONSTRAINTS.</summary>
    public void AddConstraints()
    {
        foreach (var column in _source.LiveColumns)
            if (column.IsGenerated && _including.HasFlag(LikeOptions.Generated))
                _builder.AddColumnConstraints(column.Name, new ColumnDefinition(column.Name, null, [new GeneratedConstraint(null, SqlParser.ParseExpression(column.Default!), 0)], 0));
        if (!_including.HasFlag(LikeOptions.Constraints))
            return;
        foreach (var check in _source.Constraints.Where(constraint => constraint.Kind == ConstraintKind.Check))
            _builder.AddConstraint(new CheckConstraint(check.Name, SqlParser.ParseExpression(check.Expression!), 0) { IsNoInherit = check.NoInherit });
    }

    /// <summary>INCLUDING INDEXES: keys with constraints of their own, under new names.</summary>
    public void AddIndexes(Relation table)
    {
        if (!_including.HasFlag(LikeOptions.Indexes))
            return;
        foreach (var index in _context.Snapshot.IndexesOf(_source.Oid))
        {
            if (_source.Constraints.FirstOrDefault(constraint => constraint.Oid == index.ConstraintOid) is { } constraint)
                AddKey(table, constraint, index);
            else
                CreateIndex.Build(_context, _context.LockRelation(table, LockMode.AccessExclusive), null, Copy(index));
        }
    }

    void AddKey(Relation table, Constraint constraint, IndexDefinition index)
    {
        var builder = new TableBuilder(_context, _context.Snapshot.Get<Relation>(table.Oid), isNew: false);
        string Name(short number) => _source.Column(number).Name;
        builder.AddConstraint(new UniqueConstraint(null, constraint.Kind == ConstraintKind.PrimaryKey, [.. constraint.Columns.Select(Name)], 0)
        {
            NullsNotDistinct = index.NullsNotDistinct,
            Include = [.. index.Included.Select(Name)],
            IsDeferrable = constraint.IsDeferrable,
            IsInitiallyDeferred = constraint.InitiallyDeferred,
        });
        builder.Save();
    }

    IndexDefinition Copy(IndexDefinition index) => index with
    {
        Keys = [.. index.Keys.Select(key => key.Column == 0 ? key : key with { Column = _numbers[key.Column] })],
        Included = [.. index.Included.Select(number => _numbers[number])],
        References = [.. index.References.Select(reference => reference.Oid == _source.Oid && _numbers.TryGetValue(reference.Column, out var number) ? new ObjectAddress(_builder.Relation.Oid, number) : reference)],
    };
}
