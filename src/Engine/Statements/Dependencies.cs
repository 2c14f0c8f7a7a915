using PgVectorCompat.Engine.Catalog;
using PgVectorCompat.Types;

namespace PgVectorCompat.Engine.Statements;

/// <summary>
/// What needs what in a database, as pg_depend has it. Worked out from the objects when it is asked for (DROP, pg_depend), so there is
/// nothing to keep in step; a scan of thousands of objects takes a millisecond.
/// </summary>
public static class Dependencies
{
    public static IEnumerable<Dependency> All(CatalogSnapshot snapshot)
        => [
            .. snapshot.All<Relation>().SelectMany(item => Of(snapshot, item)), .. snapshot.All<IndexDefinition>().SelectMany(item => Of(snapshot, item)),
            .. snapshot.All<SequenceDefinition>().SelectMany(item => Of(snapshot, item)), .. snapshot.All<TypeDefinition>().SelectMany(item => Of(snapshot, item)),
            .. snapshot.All<ExtensionDefinition>().SelectMany(item => Of(snapshot, item)),
        ];

    /// <summary>What one object, or a part of it, needs.</summary>
    public static IEnumerable<Dependency> Of(CatalogSnapshot snapshot, CatalogObject item) => item switch
    {
        Relation relation => OfRelation(snapshot, relation),
        IndexDefinition index => OfIndex(snapshot, index),
        SequenceDefinition sequence => OfSequence(sequence),
        TypeDefinition type => OfType(snapshot, type),
        ExtensionDefinition extension => OfExtension(extension),
        _ => [],
    };

    static IEnumerable<Dependency> OfSequence(SequenceDefinition sequence)
    {
        yield return InSchema(sequence);
        if (sequence.OwnedBy != 0)
            yield return new(new WholeObject(sequence), new(sequence.OwnedBy, sequence.OwnedByColumn), sequence.IsIdentity ? DependencyKind.Internal : DependencyKind.Auto);
    }

    static IEnumerable<Dependency> OfType(CatalogSnapshot snapshot, TypeDefinition type)
    {
        yield return InSchema(type);
        yield return new(new TypeOf(snapshot.FindType(type.ArrayTypeOid)!), new(type.Oid), DependencyKind.Internal);
        if (type.BaseType is { } baseType && UsedType(baseType) is { } used)
            yield return new(new WholeObject(type), used, DependencyKind.Normal);
        foreach (var check in type.Checks)
        {
            var constraint = new DomainConstraint(type, check);
            yield return new(constraint, new(type.Oid), DependencyKind.Auto);
            foreach (var reference in check.References)
                yield return new(constraint, reference, DependencyKind.Normal);
        }
    }

    static IEnumerable<Dependency> OfExtension(ExtensionDefinition extension)
    {
        yield return InSchema(extension);
        foreach (var name in KnownExtensions.Find(extension.Name)?.TypeNames ?? [])
            if (PgTypes.Find(name) is { } type)
            {
                yield return new(new TypeOf(type), new(extension.Oid), DependencyKind.Extension);
                yield return new(new TypeOf(type.Array!), new(type.Oid), DependencyKind.Internal);
            }
    }

    static IEnumerable<Dependency> OfRelation(CatalogSnapshot snapshot, Relation relation)
    {
        var whole = new WholeObject(relation);
        yield return InSchema(relation);
        foreach (var reference in relation.References)
            yield return new(whole, reference, DependencyKind.Normal);
        if (snapshot.FindType(relation.RowTypeOid) is { } rowType)
        {
            yield return new(new TypeOf(rowType), new(relation.Oid), DependencyKind.Internal);
            yield return new(new TypeOf(rowType.Array!), new(rowType.Oid), DependencyKind.Internal);
        }

        foreach (var column in relation.LiveColumns)
        {
            var target = new TableColumn(relation, column.Number);
            if (UsedType(column.Type) is { } type)
                yield return new(target, type, DependencyKind.Normal);
            if (column.IsGenerated)
            {
                foreach (var reference in column.DefaultReferences)
                    yield return new(target, reference, DependencyKind.Normal);
            }
            else if (column.Default is not null)
            {
                var value = new ColumnDefault(relation, column.Number);
                yield return new(value, target.Address, DependencyKind.Auto);
                foreach (var reference in column.DefaultReferences)
                    yield return new(value, reference, DependencyKind.Normal);
            }
        }
        foreach (var constraint in relation.Constraints)
            foreach (var dependency in OfConstraint(relation, constraint))
                yield return dependency;
    }

    static IEnumerable<Dependency> OfConstraint(Relation relation, Constraint constraint)
    {
        var target = new TableConstraint(relation, constraint);
        if (constraint.Columns.IsEmpty)
            yield return new(target, new(relation.Oid), DependencyKind.Auto);
        foreach (var column in constraint.Columns)
            yield return new(target, new(relation.Oid, column), DependencyKind.Auto);
        foreach (var reference in constraint.References)
            yield return new(target, reference, DependencyKind.Normal);
        if (constraint.Kind != ConstraintKind.ForeignKey)
            yield break;
        foreach (var column in constraint.ReferencedColumns)
            yield return new(target, new(constraint.ReferencedTable, column), DependencyKind.Normal);
        yield return new(target, new(constraint.IndexOid), DependencyKind.Normal);
    }

    static IEnumerable<Dependency> OfIndex(CatalogSnapshot snapshot, IndexDefinition index)
    {
        var target = new WholeObject(index);
        if (KnownExtensions.OwnerOfMethod(index.Method) is { } extension && snapshot.FindExtension(extension) is { } installed)
            yield return new(target, new(installed.Oid), DependencyKind.Normal);
        if (index.ConstraintOid != 0)
        {
            yield return new(target, new(index.ConstraintOid), DependencyKind.Internal);
            yield break;
        }
        var columns = index.Keys.Where(key => key.Column != 0).Select(key => key.Column).Concat(index.Included).ToList();
        foreach (var column in columns)
            yield return new(target, new(index.Table, column), DependencyKind.Auto);
        foreach (var reference in index.References)
            yield return new(target, reference, reference.Oid == index.Table ? DependencyKind.Auto : DependencyKind.Normal);
        if (columns.Count == 0 && index.References.All(reference => reference.Oid != index.Table))
            yield return new(target, new(index.Table), DependencyKind.Auto);
    }

    static Dependency InSchema(SchemaObject item) => new(new WholeObject(item), new(item.Schema), DependencyKind.Normal);

    /// <summary>The type as something to depend on; null for types that cannot be dropped.</summary>
    public static ObjectAddress? UsedType(PgType type) => PgTypes.Find(type.Oid) is null || KnownExtensions.OwnerOf(type) is not null ? new(type.Oid) : null;
}
