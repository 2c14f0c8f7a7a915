using PgVectorCompat.Engine.Catalog;
using PgVectorCompat.Types;

namespace PgVectorCompat.Engine.Statements;

/// <summary>Something that DROP removes, alone or because it depends on something else that goes. Equal when it is the same thing.</summary>
/// <param name="Address">What others refer to it by.</param>
public abstract record DropTarget(ObjectAddress Address);

public sealed record WholeObject(CatalogObject Object) : DropTarget(new ObjectAddress(Object.Oid))
{
    public bool Equals(WholeObject? other) => other is not null && other.Object.Oid == Object.Oid;
    public override int GetHashCode() => (int)Object.Oid;
}

public sealed record TableColumn(Relation Relation, short Number) : DropTarget(new ObjectAddress(Relation.Oid, Number))
{
    public bool Equals(TableColumn? other) => other is not null && other.Address == Address;
    public override int GetHashCode() => Address.GetHashCode();
}

public sealed record TableConstraint(Relation Relation, Constraint Constraint) : DropTarget(new ObjectAddress(Constraint.Oid))
{
    public bool Equals(TableConstraint? other) => other is not null && other.Constraint.Oid == Constraint.Oid;
    public override int GetHashCode() => (int)Constraint.Oid;
}

public sealed record DomainConstraint(TypeDefinition Domain, Constraint Constraint) : DropTarget(new ObjectAddress(Constraint.Oid))
{
    public bool Equals(DomainConstraint? other) => other is not null && other.Constraint.Oid == Constraint.Oid;
    public override int GetHashCode() => (int)Constraint.Oid;
}

/// <summary>A column's default. Nothing refers to it.</summary>
public sealed record ColumnDefault(Relation Relation, short Number) : DropTarget(default(ObjectAddress))
{
    public bool Equals(ColumnDefault? other) => other is not null && other.Relation.Oid == Relation.Oid && other.Number == Number;
    public override int GetHashCode() => HashCode.Combine(Relation.Oid, Number);
}

/// <summary>The row type of a relation, or a type that an extension brings: goes with its owner, and takes along what uses it.</summary>
public sealed record TypeOf(PgType Type) : DropTarget(new ObjectAddress(Type.Oid));

/// <summary>pg_depend.deptype: whether a dependent stops a DROP or goes silently.</summary>
public enum DependencyKind
{
    /// <summary>Stops DROP RESTRICT, is reported by CASCADE.</summary>
    Normal = 'n',

    /// <summary>Goes silently.</summary>
    Auto = 'a',

    /// <summary>Part of what it depends on: goes silently, and cannot be dropped alone.</summary>
    Internal = 'i',

    /// <summary>Member of an extension.</summary>
    Extension = 'e',
}

/// <summary><paramref name="Dependent"/> needs <paramref name="On"/>.</summary>
public readonly record struct Dependency(DropTarget Dependent, ObjectAddress On, DependencyKind Kind);
