using PgVectorCompat.Storage;
using PgVectorCompat.Types;

namespace PgVectorCompat.Engine.Binding;

/// <summary>What one statement's binding shares: the catalog, the parameters' types, and numbers that must be unique in the statement.</summary>
/// <param name="catalog">Where names are looked up.</param>
/// <param name="settings">How literals are read.</param>
/// <param name="parameterTypes">Types given by the client; null entries are inferred. Null when the statement takes no parameters at all.</param>
public sealed class BindingContext(IBindingCatalog catalog, TypeSettings settings, IReadOnlyList<PgType?>? parameterTypes)
{
    readonly List<PgType?> _parameters = parameterTypes is null ? [] : [.. parameterTypes];
    readonly bool _takesParameters = parameterTypes is not null;
    int _nextRelation;
    int _nextSlot;
    int _nextCte;

    public IBindingCatalog Catalog { get; } = catalog;
    public TypeSettings Settings { get; } = settings;

    /// <summary>For who must know what each written column means: filled while names are resolved, by the nodes themselves.</summary>
    public Dictionary<Sql.ColumnReference, BoundExpression>? ColumnsFound { get; init; }

    /// <summary>The rules for types, for the parts of the binder to share.</summary>
    public Coercion Coercion => field ??= new(this);
    public OverloadResolver Overloads => field ??= new(this);

    /// <summary>Tables the statement touches, with the strongest lock it needs on each.</summary>
    public Dictionary<uint, LockMode> Tables { get; } = [];

    /// <summary>The same by OID, the order in which they are locked.</summary>
    public (uint Table, LockMode Mode)[] TablesInOrder()
    {
        var tables = new (uint Table, LockMode Mode)[Tables.Count];
        var count = 0;
        foreach (var (table, mode) in Tables)
            tables[count++] = (table, mode);
        Array.Sort(tables, static (a, b) => a.Table.CompareTo(b.Table));
        return tables;
    }

    /// <summary>Notes that the statement reads or writes a table.</summary>
    public void Touch(uint table, LockMode mode)
    {
        if (!Tables.TryGetValue(table, out var known) || known < mode)
            Tables[table] = mode;
    }

    /// <summary>A fresh relation id.</summary>
    public int NextRelation() => ++_nextRelation;

    public int NextCte() => ++_nextCte;

    /// <summary>Number of <see cref="BoundCaseInput"/> slots used so far; the compiler's own slots follow.</summary>
    public int Slots => _nextSlot;

    public int NextSlot() => _nextSlot++;

    /// <summary>The parameter as an expression, of type unknown until something gives it one. Raises 42P02.</summary>
    public BoundParameter Parameter(int number, int position)
    {
        if (!_takesParameters || number is < 1 or > ushort.MaxValue)
            throw new PgError(SqlState.UndefinedParameter, $"there is no parameter ${number}") { Position = position };
        while (_parameters.Count < number)
            _parameters.Add(null);
        return new(number, _parameters[number - 1] ?? PgTypes.Unknown, position);
    }

    /// <summary>Gives a parameter its type, unless it has one. Returns the parameter as it now is.</summary>
    public BoundParameter Resolve(BoundParameter parameter, PgType type)
    {
        var known = _parameters[parameter.Number - 1];
        if (known is null || known == PgTypes.Unknown)
            _parameters[parameter.Number - 1] = known = type;
        return parameter with { Type = known };
    }

    HashSet<int>? _leftUnknown;

    /// <summary>Notes that a parameter stands where nothing can give it a type (row constructors, "any").</summary>
    public void LeaveUnknown(BoundParameter parameter) => (_leftUnknown ??= []).Add(parameter.Number);

    /// <summary>Types of all parameters once the statement is bound. Raises 42P18 for one that nothing gave a type.</summary>
    public PgType[] ResolvedParameters()
    {
        for (var i = 0; i < _parameters.Count; i++)
            if (_parameters[i] is null || _parameters[i] == PgTypes.Unknown)
                throw new PgError(SqlState.IndeterminateDatatype, $"could not determine data type of parameter ${i + 1}");
        if (_leftUnknown is not null)
            throw new PgError(SqlState.IndeterminateDatatype, $"could not determine data type of parameter ${_leftUnknown.Min()}");
        return _parameters.Count == 0 ? [] : [.. _parameters.Select(type => type!)];
    }
}
