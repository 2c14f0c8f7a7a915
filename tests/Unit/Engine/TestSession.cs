using System.Text;
using PgVectorCompat.Engine;
using PgVectorCompat.Engine.Sessions;
using PgVectorCompat.Types;

namespace PgVectorCompat.Unit.Engine;

/// <summary>A session without a network: runs a query and gives its rows as text, values separated by commas.</summary>
sealed class TestSession : IClient, IDisposable
{
    readonly Session _session;
    readonly List<string> _rows = [];
    IReadOnlyList<ResultColumn> _columns = [];

    public TestSession(Cluster cluster, string database = "postgres") => _session = cluster.Connect(new("postgres", database, []), this);

    /// <summary>For what only messages of the extended protocol do.</summary>
    public Session Session => _session;

    public IReadOnlyList<string> Query(string sql)
    {
        _rows.Clear();
        _session.Query(sql);
        _session.Sync();
        return [.. _rows];
    }

    public void BeginRows(IReadOnlyList<ResultColumn> columns, IReadOnlyList<WireFormat> formats, bool describe) => _columns = columns;

    public void Row(ReadOnlySpan<Datum> values)
    {
        var line = new StringBuilder();
        for (var i = 0; i < values.Length; i++)
            line.Append(i == 0 ? "" : ",").Append(values[i].IsNull ? "NULL" : _columns[i].Type.Codec.ToText(values[i], TypeSettings.Default));
        _rows.Add(line.ToString());
    }

    public void Complete(string tag) { }
    public void FunctionResult(PgType type, Datum value, WireFormat format) { }
    public void EmptyQuery() { }
    public void Suspended() { }
    public void Notice(PgNotice notice) { }
    public void ParameterStatus(string name, string value) { }
    public void Notification(int processId, string channel, string payload) { }
    public ICopyInput BeginCopyIn(WireFormat format, int columns) => throw new InvalidOperationException("there is nothing to copy");
    public void BeginCopyOut(WireFormat format, int columns) { }
    public void CopyData(ReadOnlySpan<byte> data) { }
    public void EndCopyOut() { }
    public void Wake() { }
    public void Dispose() => _session.Dispose();
}
