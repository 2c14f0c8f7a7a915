using System.Collections.Immutable;
using PgVectorCompat.Engine.Binding;
using PgVectorCompat.Engine.Catalog;
using PgVectorCompat.Engine.Execution;
using PgVectorCompat.Engine.Tables;
using PgVectorCompat.Types;

namespace PgVectorCompat.Engine.Planning;

/// <summary>
/// Plans INSERT, UPDATE and DELETE. The source of an UPDATE or DELETE gives, for each row to change, all columns of the target, its ctid, and
/// whatever other relations' columns SET, WHERE and RETURNING read: so a row that was changed meanwhile can be looked at again with
/// its new values put in their place (PostgreSQL's EvalPlanQual).
/// </summary>
internal sealed class ModificationPlanner(Planner planner, NameResolver names, TableRegistry tables)
{
    public PlanNode Plan(BoundModification modification) => modification switch
    {
        BoundInsert insert => Insert(insert),
        BoundUpdate update => Change(update, update.From, update.Where, update.Set, "Update"),
        BoundDelete delete => Change(delete, delete.Using, delete.Where, null, "Delete"),
        _ => throw new System.Diagnostics.UnreachableException($"no plan for {modification.GetType().Name}"),
    };

    static ImmutableArray<PlanColumn> TargetColumns(BoundTable target)
    {
        var columns = ImmutableArray.CreateBuilder<PlanColumn>(target.Columns.Length + 1);
        for (var i = 0; i < target.Columns.Length; i++)
            columns.Add(new(target.Id, i));
        columns.Add(new(target.Id, SystemColumns.Ctid));
        return columns.MoveToImmutable();
    }

    ModifyNode Node(BoundModification modification, PlanNode source, StoredTable table, ImmutableArray<PlanColumn> layout, string verb, ExpressionCompiler compiler)
    {
        return new ModifyNode
        {
            Columns = [.. modification.Targets.Select((_, i) => new PlanColumn(planner.Statement.NewRelation(), i))],
            Cost = source.Cost,
            Source = source,
            Table = table,
            Alias = planner.Statement.Names.Define(modification.Target),
            Outputs = [.. modification.Targets.Select(target => target.Expression)],
            Verb = verb,
            Layout = layout,
            SystemColumns = [.. Enumerable.Range(0, layout.Length).Where(i => layout[i].Relation == modification.Target.Id && layout[i].Column < SystemColumns.Ctid).Select(i => (i, layout[i].Column))],
            Checks = [.. modification.Checks.Select(check => (check.View, compiler.Compile(check.Condition)))],
            Returning = [.. modification.Targets.Select(target => compiler.Compile(target.Expression))],
        };
    }

    ModifyNode Insert(BoundInsert insert)
    {
        var table = tables.Access(insert.Target.Table, names);
        foreach (var target in insert.Targets)
            planner.NoteColumns(target.Expression);
        foreach (var check in insert.Checks)
            planner.NoteColumns(check.Condition);
        planner.Statement.Names.Define(insert.Target);
        var source = planner.PlanQuery(insert.Source, null);
        var layout = TargetColumns(insert.Target);
        foreach (var returned in insert.Targets)
            QueryTree.Visit(returned.Expression, node =>
            {
                if (node is BoundColumn { Column: < 0 } system && system.Relation == insert.Target.Id && !layout.Contains(new(system.Relation, system.Column)))
                    layout = layout.Add(new(system.Relation, system.Column));
            });
        var compiler = new ExpressionCompiler(planner, new RowLayout(layout), null);
        var node = Node(insert, source, table, layout, "Insert", compiler);
        if (insert.OnConflict is { } conflict)
            node = node with { Conflict = Conflict(conflict, insert, table) };
        return node with { SubPlans = compiler.SubPlans };
    }

    ConflictPlan Conflict(BoundOnConflict conflict, BoundInsert insert, StoredTable table)
    {
        var arbiters = table.Trees.Where(tree => tree.IsUnique && (conflict.Indexes.IsEmpty || conflict.Indexes.Contains(tree.Definition.Oid))).ToImmutableArray();
        if (conflict.Set is null)
            return new(arbiters, null, [], null);
        // The row as it is, then the row proposed.
        ImmutableArray<PlanColumn> layout =
        [
            .. TargetColumns(insert.Target),
            .. Enumerable.Range(0, insert.Target.Columns.Length).Select(i => new PlanColumn(conflict.ExcludedRelation, i)),
        ];
        planner.Statement.Names.Define(conflict.ExcludedRelation, "excluded");
        var compiler = new ExpressionCompiler(planner, new RowLayout(layout), null);
        return new(arbiters, [.. conflict.Set.Value.Select(assignment => assignment.Column)],
            [.. conflict.Set.Value.Select(assignment => compiler.Compile(assignment.Value))], compiler.CompileOptional(conflict.Where));
    }

    ModifyNode Change(BoundModification modification, BoundFrom? others, BoundExpression? where, ImmutableArray<BoundAssignment>? set, string verb)
    {
        var target = modification.Target;
        var table = tables.Access(target.Table, names);
        List<PlanColumn> columns = [.. TargetColumns(target)];
        var targets = ImmutableArray.CreateBuilder<BoundTarget>(columns.Count);
        void Give(BoundColumn column) => targets.Add(new(column, column.Name));
        for (var i = 0; i < target.Columns.Length; i++)
            Give(new BoundColumn(target.Id, i, target.Columns[i].Name, target.Columns[i].Type, target.Columns[i].Typmod));
        Give(new BoundColumn(target.Id, SystemColumns.Ctid, "ctid", PgTypes.Tid));

        HashSet<int> sources = others is null ? [] : [.. QueryTree.Relations(others).Select(relation => relation.Id)];
        Action<BoundExpression> note = node =>
        {
            if (node is not BoundColumn column || !(sources.Contains(column.Relation) || (column.Relation == target.Id && column.Column < 0))) return;
            var wanted = new PlanColumn(column.Relation, column.Column);
            if (columns.Contains(wanted)) return;
            columns.Add(wanted);
            Give(column);
        };
        foreach (var assignment in set ?? [])
            QueryTree.Visit(assignment.Value, note);
        foreach (var returned in modification.Targets)
            QueryTree.Visit(returned.Expression, note);
        if (where is not null)
            QueryTree.Visit(where, note);

        var source = planner.PlanQuery(new BoundSelect
        {
            From = others is null ? target : new BoundJoin(JoinKind.Inner, target, others, null),
            Where = where,
            Targets = targets.DrainToImmutable(),
        }, null);
        var layout = columns.ToImmutableArray();
        var compiler = new ExpressionCompiler(planner, new RowLayout(layout), null);
        var node = Node(modification, source, table, layout, verb, compiler) with
        {
            Recheck = compiler.CompileOptional(where),
            SetColumns = set is null ? null : [.. set.Value.Select(assignment => assignment.Column)],
            SetValues = set is null ? [] : [.. set.Value.Select(assignment => compiler.Compile(assignment.Value))],
        };
        return node with { SubPlans = compiler.SubPlans };
    }
}
