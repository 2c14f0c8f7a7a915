using PgVectorCompat.Engine.Binding;
using PgVectorCompat.Engine.Catalog;
using PgVectorCompat.Sql;
using PgVectorCompat.Types;
using Constraint = PgVectorCompat.Engine.Catalog.Constraint;

namespace PgVectorCompat.Engine.Statements;

/// <summary>CREATE TYPE, ALTER TYPE … VALUE, CREATE and ALTER DOMAIN.</summary>
static class TypeStatements
{
    public static string CreateEnum(CreateEnumStatement statement, StatementContext context)
    {
        var schema = CreationTarget.ForObject(context, statement.Name);
        CreationTarget.ClaimType(context, schema, statement.Name.Name);
        foreach (var label in statement.Labels)
            CheckLabel(label);
        if (statement.Labels.GroupBy(label => label).FirstOrDefault(group => group.Count() > 1) is { } twice)
            throw new PgError(SqlState.DuplicateObject, $"enum label \"{twice.Key}\" used more than once");
        context.Catalog.Put(new TypeDefinition
        {
            Oid = context.Catalog.NewOid(),
            Name = statement.Name.Name,
            Schema = schema,
            Owner = context.Role,
            Kind = TypeKind.Enum,
            ArrayTypeOid = context.Catalog.NewOid(),
            Labels = [.. statement.Labels.Select((label, i) => new EnumLabel(context.Catalog.NewOid(), label, i + 1))],
        });
        return "CREATE TYPE";
    }

    public static string AddValue(AddEnumValueStatement statement, StatementContext context)
    {
        var type = FindEnum(context, statement.Name);
        CheckLabel(statement.Label);
        if (type.Labels.Any(label => label.Label == statement.Label))
        {
            if (!statement.IfNotExists)
                throw new PgError(SqlState.DuplicateObject, $"enum label \"{statement.Label}\" already exists");
            context.Notice($"enum label \"{statement.Label}\" already exists, skipping", sqlState: SqlState.DuplicateObject);
            return "ALTER TYPE";
        }
        var at = type.Labels.Length;
        if (statement.Neighbor is { } neighbor)
        {
            at = type.Labels.ToList().FindIndex(label => label.Label == neighbor);
            if (at < 0)
                throw new PgError(SqlState.InvalidParameterValue, $"\"{neighbor}\" is not an existing enum label");
            if (statement.IsAfter)
                at++;
        }
        var before = at > 0 ? type.Labels[at - 1].SortOrder : at < type.Labels.Length ? type.Labels[at].SortOrder - 2 : 0;
        var order = at < type.Labels.Length ? (before + type.Labels[at].SortOrder) / 2 : before + 1;
        context.Catalog.Put(type with { Labels = type.Labels.Insert(at, new EnumLabel(context.Catalog.NewOid(), statement.Label, order)) });
        return "ALTER TYPE";
    }

    public static string RenameValue(RenameEnumValueStatement statement, StatementContext context)
    {
        var type = FindEnum(context, statement.Name);
        CheckLabel(statement.NewLabel);
        if (type.Labels.FirstOrDefault(label => label.Label == statement.Label) is not { } old)
            throw new PgError(SqlState.InvalidParameterValue, $"\"{statement.Label}\" is not an existing enum label");
        if (type.Labels.Any(label => label.Label == statement.NewLabel))
            throw new PgError(SqlState.DuplicateObject, $"enum label \"{statement.NewLabel}\" already exists");
        context.Catalog.Put(type with { Labels = type.Labels.Replace(old, old with { Label = statement.NewLabel }) });
        return "ALTER TYPE";
    }

    public static string CreateComposite(CreateCompositeTypeStatement statement, StatementContext context)
    {
        var schema = CreationTarget.ForObject(context, statement.Name);
        var name = statement.Name.Name;
        CreationTarget.ClaimRelation(context, schema, name, withRowType: false);
        CreationTarget.ClaimType(context, schema, name);
        var relation = CreateTable.NewTable(context, name, schema, Persistence.Permanent, [], OnCommit.None, RelationKind.CompositeType);
        var builder = new TableBuilder(context, relation with { StorageId = 0 }, isNew: true);
        foreach (var attribute in statement.Attributes)
            builder.AddColumn(attribute);
        builder.Save();
        return "CREATE TYPE";
    }

    public static string CreateDomain(CreateDomainStatement statement, StatementContext context)
    {
        var schema = CreationTarget.ForObject(context, statement.Name);
        CreationTarget.ClaimType(context, schema, statement.Name.Name);
        var (baseType, typmod) = context.Names.ResolveType(statement.Type);
        if (baseType.Kind == TypeKind.Pseudo)
            throw new PgError(SqlState.DatatypeMismatch, $"\"{baseType}\" is not a valid base type for a domain");
        var domain = new TypeDefinition
        {
            Oid = context.Catalog.NewOid(),
            Name = statement.Name.Name,
            Schema = schema,
            Owner = context.Role,
            Kind = TypeKind.Domain,
            ArrayTypeOid = context.Catalog.NewOid(),
            BaseType = baseType,
            Typmod = typmod,
            Collation = statement.Collation is { } collation ? Collations.Require(collation) : null,
        };
        var sawNull = false;
        foreach (var constraint in statement.Constraints)
        {
            switch (constraint)
            {
                case NotNullConstraint when sawNull:
                case NullableConstraint when domain.NotNull:
                    throw PgError.Syntax("conflicting NULL/NOT NULL constraints", constraint.Position);
                case NotNullConstraint:
                    domain = domain with { NotNull = true };
                    break;
                case NullableConstraint:
                    sawNull = true;
                    break;
                case DefaultConstraint value when domain.Default is not null:
                    throw PgError.Syntax("multiple default expressions", value.Position);
                case DefaultConstraint value:
                    domain = domain with { Default = new TableExpressions(context).Default(domain.Name, baseType, typmod, value.Value).Text };
                    break;
                case CheckConstraint check:
                    domain = AddCheck(context, domain, check);
                    break;
                case UniqueConstraint unique:
                    throw PgError.Syntax((unique.IsPrimaryKey ? "primary key" : "unique") + " constraints not possible for domains", unique.Position);
                case ForeignKeyConstraint key:
                    throw PgError.Syntax("foreign key constraints not possible for domains", key.Position);
                default:
                    throw PgError.Unsupported("this constraint of a domain", constraint.Position);
            }
        }
        context.Catalog.Put(domain);
        return "CREATE DOMAIN";
    }

    public static string AlterDomain(AlterDomainStatement statement, StatementContext context)
    {
        if (context.Names.FindType(statement.Name.Schema, statement.Name.Name) is not { } type)
            throw CatalogErrors.UndefinedObject("type", CatalogErrors.Written(statement.Name));
        if (type.Kind != TypeKind.Domain)
            throw CatalogErrors.WrongKind(CatalogErrors.Written(statement.Name), "a domain");
        var domain = context.LockObject(context.Snapshot.Get<TypeDefinition>(type.Oid));
        Privileges.RequireOwner(context.Snapshot, context.Role, domain);
        switch (statement.Action)
        {
            case AlterColumnDefault { Default: null }:
                domain = domain with { Default = null };
                break;
            case AlterColumnDefault { Default: { } value }:
                domain = domain with { Default = new TableExpressions(context).Default(domain.Name, domain.BaseType!, domain.Typmod, value).Text };
                break;
            case AlterColumnNotNull { IsNotNull: var isNotNull }:
                if (isNotNull)
                    foreach (var (table, column) in ColumnsOf(context, domain))
                        if (InternalQuery.HasRows(context, $"SELECT 1 FROM {InternalQuery.Name(context, table)} WHERE {Identifier.Quote(column.Name)} IS NULL LIMIT 1"))
                            throw new PgError(SqlState.NotNullViolation, $"column \"{column.Name}\" of table \"{table.Name}\" contains null values");
                domain = domain with { NotNull = isNotNull };
                break;
            case AddConstraint { Constraint: CheckConstraint check }:
                domain = AddCheck(context, domain, check);
                if (!check.IsNotValid)
                    ValidateCheck(context, domain, domain.Checks[^1]);
                break;
            case AddConstraint { Constraint: NotNullConstraint }:
                domain = domain with { NotNull = true };
                break;
            case DropConstraint drop:
                if (domain.Checks.FirstOrDefault(check => check.Name == drop.Name) is { } found)
                    domain = domain with { Checks = domain.Checks.Remove(found) };
                else if (drop.IfExists)
                    context.Notice($"constraint \"{drop.Name}\" of domain \"{domain.Name}\" does not exist, skipping");
                else
                    throw new PgError(SqlState.UndefinedObject, $"constraint \"{drop.Name}\" of domain \"{domain.Name}\" does not exist");
                break;
            case ValidateConstraint validate:
                var toValidate = domain.Checks.FirstOrDefault(check => check.Name == validate.Name)
                    ?? throw new PgError(SqlState.UndefinedObject, $"constraint \"{validate.Name}\" of domain \"{domain.Name}\" does not exist");
                ValidateCheck(context, domain, toValidate);
                domain = domain with { Checks = domain.Checks.Replace(toValidate, toValidate with { IsValidated = true }) };
                break;
            default:
                throw PgError.Unsupported("this action of ALTER DOMAIN", statement.Position);
        }
        context.Catalog.Put(domain);
        return "ALTER DOMAIN";
    }

    static TypeDefinition AddCheck(StatementContext context, TypeDefinition domain, CheckConstraint check)
    {
        if (check.Name is { } written && domain.Checks.Any(other => other.Name == written))
            throw new PgError(SqlState.DuplicateObject, $"constraint \"{written}\" for domain \"{domain.Name}\" already exists");
        var binding = context.NewBindingContext();
        var value = new BoundCaseInput(binding.NextSlot(), domain.BaseType!, domain.Typmod);
        new ExpressionBinder(binding, Scope.ForDomain(value), "check constraints").BindCondition(check.Condition, "CHECK");
        return domain with
        {
            Checks = domain.Checks.Add(new Constraint
            {
                Oid = context.Catalog.NewOid(),
                Name = check.Name ?? Identifier.Choose(domain.Name, null, "check", name => domain.Checks.Any(other => other.Name == name)),
                Kind = ConstraintKind.Check,
                Expression = StoredSql.Store(check.Condition, context.Names),
                IsValidated = !check.IsNotValid,
            }),
        };
    }

    static void ValidateCheck(StatementContext context, TypeDefinition domain, Constraint check)
    {
        foreach (var (table, column) in ColumnsOf(context, domain))
        {
            var condition = SyntaxRewriter.Rewrite(SqlParser.ParseExpression(check.Expression!), node => node is ColumnReference { Names: ["value"] } value ? value with { Names = [column.Name] } : node);
            if (InternalQuery.HasRows(context, $"SELECT 1 FROM {InternalQuery.Name(context, table)} WHERE NOT ({SqlWriter.Write(condition)}) LIMIT 1"))
                throw new PgError(SqlState.CheckViolation, $"column \"{column.Name}\" of table \"{table.Name}\" contains values that violate the new constraint");
        }
    }

    static IEnumerable<(Relation Table, Column Column)> ColumnsOf(StatementContext context, TypeDefinition domain)
        => context.Snapshot.All<Relation>().Where(relation => relation.HasRows)
            .SelectMany(relation => relation.LiveColumns.Where(column => column.Type.Oid == domain.Oid).Select(column => (relation, column))).ToList();

    static TypeDefinition FindEnum(StatementContext context, QualifiedName name)
    {
        if (name.Schema is { } schema)
            context.Names.RequireSchema(schema);
        var type = context.Names.FindType(name.Schema, name.Name) ?? throw CatalogErrors.UndefinedObject("type", CatalogErrors.Written(name));
        if (type.Kind != TypeKind.Enum)
            throw CatalogErrors.WrongKind(context.Names.FormatType(type), "an enum");
        var definition = context.LockObject(context.Snapshot.Get<TypeDefinition>(type.Oid));
        Privileges.RequireOwner(context.Snapshot, context.Role, definition);
        return definition;
    }

    static void CheckLabel(string label)
    {
        if (System.Text.Encoding.UTF8.GetByteCount(label) > Identifier.MaxBytes)
            throw new PgError(SqlState.InvalidName, $"invalid enum label \"{label}\"") { Detail = $"Labels must be {Identifier.MaxBytes} bytes or less." };
    }
}
