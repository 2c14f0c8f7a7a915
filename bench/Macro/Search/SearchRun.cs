using System.Diagnostics;
using System.Text;

namespace PgVectorCompat.Macro.Search;

/// <summary>One data set and one distance on all servers: what every part of the benchmark shares.</summary>
public sealed class SearchRun(SearchData data, Distance distance, IReadOnlyList<SearchTarget> targets, Figures figures, int rounds, int queries)
{
    public const int K = 10;

    /// <summary>Of both: leader and one worker on PostgreSQL are two processes.</summary>
    const string Equal = "SET maintenance_work_mem = '4GB'; SET max_parallel_maintenance_workers = 1";

    public SearchData Data => data;
    public Distance Distance => distance;
    public IReadOnlyList<SearchTarget> Targets => targets;
    public Figures Figures => figures;
    public int Rounds => rounds;
    public int Queries => data.QueryCount(queries);
    public string Table => data.Name;
    public string Label => $"{data.Name} {distance.Name}";
    public Truth Unfiltered => field ??= new(data, distance, Queries, K);

    /// <summary>(id, u, r, further columns, embedding), loaded unless it is there.</summary>
    public void Load()
    {
        foreach (var target in targets)
        {
            using var client = target.Target.Connect();
            client.Execute("CREATE EXTENSION IF NOT EXISTS vector");
            if (client.Scalar($"SELECT count(*) FROM pg_class WHERE relname = '{Table}'") == "1" && client.Scalar($"SELECT count(*) FROM {Table}") == data.Base.Count.ToString())
                continue;
            client.Execute($"DROP TABLE IF EXISTS {Table}; CREATE TABLE {Table} (id int PRIMARY KEY, u int, r int{data.ColumnDefinitions}, embedding vector({data.Base.Dimensions}))");
            var clock = Stopwatch.StartNew();
            for (var first = 0; first < data.Base.Count; first += CopyRows)
                client.CopyIn($"COPY {Table} FROM STDIN WITH (FORMAT binary)", CopyBinary(first, Math.Min(CopyRows, data.Base.Count - first)));
            Console.WriteLine($"  {target.Name}: {data.Base.Count} rows loaded in {clock.Elapsed.TotalSeconds:F1} s");
            client.Execute($"VACUUM ANALYZE {Table}");
        }
    }

    const int CopyRows = 20_000;

    byte[] CopyBinary(int first, int count)
    {
        var stream = new MemoryStream();
        stream.Write("PGCOPY\n"u8);
        stream.Write([0xff, (byte)'\r', (byte)'\n', 0, 0, 0, 0, 0, 0, 0, 0, 0]);
        for (var row = first; row < first + count; row++)
        {
            var texts = data.Columns.Length == 0 ? [] : data.Columns[row].Split('\t');
            stream.Write([0, (byte)(4 + texts.Length)]);
            Field(Messages.Int32(row));
            Field(Messages.Int32(data.Permille[row]));
            Field(Messages.Int32(data.Rank[row]));
            for (var i = 0; i < texts.Length; i++)
                Field(i == 2 ? Messages.Int32(int.Parse(texts[i])) : Encoding.UTF8.GetBytes(texts[i]));
            Field(VectorData.Binary(data.Base[row]));
        }
        stream.Write([0xff, 0xff]);
        return stream.ToArray();

        void Field(byte[] bytes)
        {
            stream.Write(Messages.Int32(bytes.Length));
            stream.Write(bytes);
        }
    }

    /// <summary>Drops the table's vector indexes and makes this one; seconds by server.</summary>
    /// <param name="method">hnsw or ivfflat.</param>
    /// <param name="with">Options; those that only we have go to us alone.</param>
    public Dictionary<string, double> Build(string method, string with, string ownOptions = "", bool oursOnly = false)
    {
        var seconds = new Dictionary<string, double>();
        foreach (var target in targets.Where(t => t.IsOurs || !oursOnly))
        {
            using var client = target.Target.Connect();
            client.Execute($"DROP INDEX IF EXISTS {Table}_v");
            var clock = Stopwatch.StartNew();
            client.Execute(Equal);
            client.Execute($"CREATE INDEX {Table}_v ON {Table} USING {method} (embedding {distance.OperatorClass}) WITH ({with}{(target.IsOurs ? ownOptions : "")})");
            seconds[target.Name] = clock.Elapsed.TotalSeconds;
            client.Execute("CHECKPOINT");
        }
        return seconds;
    }

    /// <summary>Makes the graph that queries are asked of, where a part before this one has not.</summary>
    public void EnsureGraph()
    {
        foreach (var target in targets)
        {
            using var client = target.Target.Connect();
            if (client.Scalar($"SELECT amname FROM pg_class c JOIN pg_am a ON a.oid = c.relam WHERE relname = '{Table}_v'") == "hnsw")
                continue;
            client.Execute($"DROP INDEX IF EXISTS {Table}_v");
            client.Execute(Equal);
            client.Execute($"CREATE INDEX {Table}_v ON {Table} USING hnsw (embedding {distance.OperatorClass})");
        }
    }

    public Dictionary<string, double> Sizes(string function, string relation)
        => targets.ToDictionary(t => t.Name, t =>
        {
            using var client = t.Target.Connect();
            return double.Parse(client.Scalar($"SELECT {function}('{relation}')")!);
        });

    /// <summary>The questions of a statement over all queries.</summary>
    /// <param name="more">Values of the parameters after the vector's, by query.</param>
    public List<Question> Questions(bool isText = false, Func<int, byte[][]>? more = null)
        => [.. Enumerable.Range(0, Queries).Select(q => new Question(
            Messages.BindExecuteSync("q", isText,
                [isText ? Encoding.ASCII.GetBytes(VectorData.Text(data.Queries[q])) : VectorData.Binary(data.Queries[q]), .. more?.Invoke(q) ?? []]), q))];

    public string NearestSql(string where = "") => $"SELECT id FROM {Table} {where}ORDER BY embedding {distance.Operator} $1 LIMIT {K}";

    /// <summary>
    /// A curve for every server: at each breadth a sample from each in turn, several rounds. A server stops growing its breadth when its recall has passed .995.
    /// </summary>
    public Dictionary<string, List<Point>> Sweep(
        string kind, string setting, IReadOnlyList<int> breadths, string sql, Func<List<Question>> questions, Truth truth, int clients = 1, string setup = "", bool oursOnly = false)
    {
        var points = targets.ToDictionary(t => t.Name, _ => new List<Point>());
        var asked = questions();
        foreach (var breadth in breadths)
        {
            var active = targets.Where(t => (t.IsOurs || !oursOnly) && (points[t.Name].Count == 0 || points[t.Name][^1].Recall < 0.995)).ToList();
            if (active.Count == 0)
                break;
            var askers = active.ToDictionary(t => t.Name, t => Ask(t, $"{setup}SET {setting} = {breadth}", sql));
            var quality = active.ToDictionary(t => t.Name, t => askers[t.Name].Quality(asked, truth));
            for (var round = 0; round < rounds; round++)
                foreach (var target in round % 2 == 0 ? active : active.AsEnumerable().Reverse())
                    askers[target.Name].Round(asked, clients);
            foreach (var target in active)
            {
                var point = askers[target.Name].Point(breadth, quality[target.Name]);
                points[target.Name].Add(point);
                figures.AddCurve($"{Label} {kind}", target.Name, point);
            }
        }
        return points;
    }

    static List<string> Settings(string settings) => [.. settings.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)];

    /// <summary>A server asked by one statement under some settings.</summary>
    public Asker Ask(SearchTarget target, string settings, string sql, bool isText = false) => new(target, Settings(settings), sql, isText);

    /// <summary>Reports a figure of both at equal recall.</summary>
    public void AddAt(string name, Dictionary<string, List<Point>> points, double recall, Func<Point, double> figure, string unit, bool isRate, double floor, double goal)
        => Add($"{name} @ {recall:0.00}", unit, isRate, At(points, "ours", recall, figure), At(points, "reference", recall, figure), floor, goal);

    public void Add(string name, string unit, bool isRate, double? ours, double? reference, double floor, double goal)
        => figures.Add(new(Label, name, unit, isRate, ours, reference, floor, goal));

    /// <summary>Reports a figure that both have by server.</summary>
    public void Add(string name, string unit, bool isRate, Dictionary<string, double> values, double floor, double goal)
        => Add(name, unit, isRate, Of(values, "ours"), Of(values, "reference"), floor, goal);

    static double? Of(Dictionary<string, double> values, string name) => values.TryGetValue(name, out var value) ? value : null;

    static double? At(Dictionary<string, List<Point>> points, string name, double recall, Func<Point, double> figure)
        => points.TryGetValue(name, out var own) ? Curve.At(own, recall, figure) : null;
}
