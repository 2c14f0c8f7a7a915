using PgVectorCompat.Types;

namespace PgVectorCompat.Engine.Sessions;

/// <summary>One column of a result, with what RowDescription says of it.</summary>
/// <param name="Name">The column's name as the client sees it.</param>
/// <param name="Type">Its type; a domain is reported as its base type.</param>
/// <param name="Typmod">Type modifier, -1 when none.</param>
/// <param name="TableOid">OID of the table or view whose column this is, unchanged; 0 for an expression.</param>
/// <param name="AttributeNumber">Number of that column in its table, from 1, negative for a system column; 0 for an expression.</param>
public sealed record ResultColumn(string Name, PgType Type, int Typmod = -1, uint TableOid = 0, short AttributeNumber = 0);

/// <summary>Text or binary form of a value on the wire.</summary>
public enum WireFormat : short { Text = 0, Binary = 1 }

/// <summary>
/// What a running statement tells its client. The server's connection implements it by writing protocol messages; tests by
/// collecting rows. Calls block while the client is slow, which is all the back-pressure there is.
/// </summary>
public interface IClient
{
    /// <summary>Rows of this shape follow. <paramref name="describe"/> says whether the client is told the columns (simple protocol) or knows them from Describe.</summary>
    void BeginRows(IReadOnlyList<ResultColumn> columns, IReadOnlyList<WireFormat> formats, bool describe);

    /// <summary>One row; its values are only valid during the call.</summary>
    void Row(ReadOnlySpan<Datum> values);

    /// <summary>The statement ended; <paramref name="tag"/> is its command tag (<c>SELECT 3</c>).</summary>
    void Complete(string tag);

    /// <summary>What the function of a FunctionCall message has given.</summary>
    void FunctionResult(PgType type, Datum value, WireFormat format);

    /// <summary>The query string held no statement.</summary>
    void EmptyQuery();

    /// <summary>The row limit of Execute was reached; the portal can go on.</summary>
    void Suspended();

    /// <summary>NOTICE, WARNING, INFO, LOG or DEBUG; <c>client_min_messages</c> has been applied.</summary>
    void Notice(PgNotice notice);

    /// <summary>A reported setting has a new value; sent before the next ReadyForQuery.</summary>
    void ParameterStatus(string name, string value);

    /// <summary>A NOTIFY of this or another session.</summary>
    void Notification(int processId, string channel, string payload);

    /// <summary>Starts COPY FROM STDIN and returns where its bytes come from.</summary>
    ICopyInput BeginCopyIn(WireFormat format, int columns);

    /// <summary>Starts COPY TO STDOUT; <see cref="CopyData"/> and <see cref="EndCopyOut"/> follow.</summary>
    void BeginCopyOut(WireFormat format, int columns);

    /// <summary>One piece of COPY output (a row, as PostgreSQL sends it).</summary>
    void CopyData(ReadOnlySpan<byte> data);

    void EndCopyOut();

    /// <summary>
    /// Something waits for this session, which may be idle (a notification, a termination): it shall call
    /// <see cref="Session.DeliverPending"/> soon. From any thread; returns at once.
    /// </summary>
    void Wake();
}

/// <summary>Bytes of a COPY FROM STDIN as the client sends them.</summary>
public interface ICopyInput
{
    /// <summary>
    /// The next bytes, up to the buffer's size; 0 at CopyDone. Raises 57014 <c>COPY from stdin failed: …</c> at CopyFail and
    /// 08P01 at a message that does not belong into a copy.
    /// </summary>
    int Read(Span<byte> buffer);
}

/// <summary>A message that does not end the statement. Fields as in <see cref="PgError"/>.</summary>
/// <param name="Severity">NOTICE, WARNING, INFO, LOG or DEBUG.</param>
public sealed record PgNotice(string Severity, string SqlState, string Message, string? Detail = null, string? Hint = null, string? Where = null);
