using System.Text;

namespace PgVectorCompat.Compat.Fuzz;

/// <summary>Well-formed conversations, sent in one go, to be damaged.</summary>
static class ProtocolStreams
{
    static readonly byte[] Startup = Frame(null, [0, 3, 0, 0, .. Strings("user", "postgres", "database", "postgres", "client_encoding", "UTF8"), 0]);
    static readonly byte[] Terminate = Frame('X', []);
    static readonly byte[] Sync = Frame('S', []);

    public static byte[][] All =>
    [
        [.. Startup, .. Query("SELECT 1; SELECT 'two', NULL"), .. Terminate],
        [.. Startup, .. Parse("s", "SELECT $1::int + 1"), .. Bind("p", "s", "41"), .. Frame('D', [(byte)'P', .. Strings("p")]), .. Execute("p", 10), .. Sync, .. Terminate],
        [.. Startup, .. Parse("", "SELECT generate_series(1, 20)"), .. Bind("", ""), .. Execute("", 5), .. Frame('H', []), .. Execute("", 0), .. Sync,
            .. Frame('C', [(byte)'S', .. Strings("")]), .. Sync, .. Terminate],
        [.. Startup, .. Query("BEGIN"), .. Parse("", "SELECT nope"), .. Sync, .. Query("ROLLBACK"), .. Terminate],
        [.. Startup, .. Query("CREATE TEMP TABLE z (id int); COPY z FROM STDIN"), .. Frame('d', "1\n2\n"u8.ToArray()), .. Frame('c', []), .. Query("SELECT count(*) FROM z"), .. Terminate],
        [.. Startup, .. Query("COPY (SELECT 1) TO STDOUT (FORMAT binary)"), .. Frame('f', Strings("no")), .. Terminate],
        [.. Startup, .. Frame('F', [0, 0, 0, 1, 0, 0, 0, 0, 0, 0]), .. Frame('p', Strings("secret")), .. Terminate],
        [0, 0, 0, 8, 4, 210, 22, 47, .. Startup, .. Terminate],
        [0, 0, 0, 8, 4, 210, 22, 48, .. Startup, .. Terminate],
        [0, 0, 0, 16, 4, 210, 22, 46, 0, 0, 0, 1, 0, 0, 0, 2],
        Frame(null, [0, 3, 0, 9, .. Strings("user", "postgres", "_pq_.grease", "x"), 0]),
        Frame(null, [0, 2, 0, 0, .. Strings("user"), 0]),
        [.. Enumerable.Range(0, 300).Select(i => (byte)i)],
    ];

    static byte[] Query(string sql) => Frame('Q', Strings(sql));

    static byte[] Parse(string name, string sql) => Frame('P', [.. Strings(name, sql), 0, 0]);

    static byte[] Bind(string portal, string statement, params string[] values)
    {
        var body = new List<byte>(Strings(portal, statement));
        body.AddRange([0, 0, 0, (byte)values.Length]);
        foreach (var value in values) body.AddRange([0, 0, 0, (byte)value.Length, .. Encoding.UTF8.GetBytes(value)]);
        body.AddRange([0, 0]);
        return Frame('B', [.. body]);
    }

    static byte[] Execute(string portal, byte rows) => Frame('E', [.. Strings(portal), 0, 0, 0, rows]);

    static byte[] Strings(params string[] values) => [.. values.SelectMany(value => Encoding.UTF8.GetBytes(value + "\0"))];

    static byte[] Frame(char? type, byte[] body)
    {
        var length = body.Length + 4;
        byte[] head = [(byte)(length >> 24), (byte)(length >> 16), (byte)(length >> 8), (byte)length];
        return type is { } letter ? [(byte)letter, .. head, .. body] : [.. head, .. body];
    }
}
