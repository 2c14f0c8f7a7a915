using PgVectorCompat.Engine.Catalog;
using PgVectorCompat.Types;

namespace PgVectorCompat.Engine.Statements;

/// <summary>Objects as PostgreSQL's messages describe them: <c>constraint t_check on table t</c> (getObjectDescription).</summary>
public sealed class ObjectNames(NameResolver names)
{
    public string Describe(DropTarget target) => target switch
    {
        WholeObject whole => Describe(whole.Object),
        TableColumn column => DescribeColumn(column.Relation, column.Number),
        TableConstraint constraint => $"constraint {constraint.Constraint.Name} on {DescribeRelation(constraint.Relation)}",
        DomainConstraint constraint => $"constraint {constraint.Constraint.Name} on type {names.FormatType(names.Snapshot.FindType(constraint.Domain.Oid)!)}",
        ColumnDefault value => $"default value for {DescribeColumn(value.Relation, value.Number)}",
        TypeOf type => $"type {names.FormatType(type.Type)}",
        _ => throw new System.Diagnostics.UnreachableException($"no description of {target.GetType().Name}"),
    };

    public string Describe(CatalogObject item) => item switch
    {
        Relation relation => DescribeRelation(relation),
        IndexDefinition index => "index " + names.DisplayName(index),
        SequenceDefinition sequence => "sequence " + names.DisplayName(sequence),
        TypeDefinition type => "type " + names.FormatType(names.Snapshot.FindType(type.Oid)!),
        _ => $"{Privileges.KindInMessages(item)} {Identifier.Quote(item.Name)}",
    };

    string DescribeColumn(Relation relation, short number) => $"column {Identifier.Quote(relation.Column(number).Name)} of {DescribeRelation(relation)}";

    string DescribeRelation(Relation relation)
        => $"{(relation.Kind == RelationKind.CompositeType ? "composite type" : Privileges.KindInMessages(relation))} {names.DisplayName(relation)}";
}
