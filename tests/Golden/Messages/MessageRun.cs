using PgVectorCompat.Golden.Values;
using PgVectorCompat.Golden.Wire;

namespace PgVectorCompat.Golden.Messages;

/// <summary>Runs a <c>.msg</c> file: as many replies are read as are expected, so that one too many shows in the next exchange.</summary>
sealed class MessageRun(MessageScript script, Endpoint endpoint, bool complete)
{
    // When filling in expectations nothing says how many replies there are; this long a silence ends them.
    static readonly TimeSpan Silence = TimeSpan.FromMilliseconds(300);
    static readonly TimeSpan AnswerTimeout = TimeSpan.FromSeconds(20);
    const string Closed = "(the server closed the connection)";

    // Lines that open a connection by themselves.
    static readonly string[] Openers = ["Startup", "SSLRequest", "GSSENCRequest", "Raw"];

    public int Passed { get; private set; }
    public List<string> Failures { get; } = [];

    public void Run()
    {
        using (var connection = new Connection(endpoint, "postgres", new TypeNames(_ => null)))
            connection.Simple("SET client_min_messages = warning; CREATE EXTENSION IF NOT EXISTS vector");
        MessageStream? stream = null;
        var receiving = new Receiving();
        foreach (var exchange in script.Exchanges)
        {
            try
            {
                if (!exchange.Continues || stream is null)
                {
                    stream?.Dispose();
                    receiving = new Receiving();
                    stream = Open(exchange, receiving);
                }
                foreach (var line in exchange.Sends) Sending.Put(stream, WithNumber(line));
                stream.Send();
                Settle(exchange, stream, receiving);
            }
            catch (Exception e) when (e is WireException or FormatException)
            {
                Failures.Add($"{script.Path}:{exchange.Line}: {string.Join(" / ", exchange.Sends)}\n  {e.Message}");
                stream?.Dispose();
                stream = null;
            }
        }
        stream?.Dispose();
        if (complete) script.Write();
    }

    /// <summary>A function that is called by its name and types has another OID on every server.</summary>
    string WithNumber(string line)
    {
        if (!line.StartsWith("FunctionCall ", StringComparison.Ordinal) || char.IsAsciiDigit(line["FunctionCall ".Length]))
            return line;
        var words = line.Split(' ', 3);
        using var connection = new Connection(endpoint, "postgres", new TypeNames(_ => null));
        return $"{words[0]} {connection.Simple($"SELECT '{words[1]}'::regprocedure::oid").Rows[0][0]} {words[2]}";
    }

    /// <summary>Settings reported one after the other come in no particular order.</summary>
    static void SortParameters(List<string> replies)
    {
        for (var start = 0; start < replies.Count; start++)
        {
            var end = start;
            while (end < replies.Count && replies[end].StartsWith("ParameterStatus", StringComparison.Ordinal)) end++;
            if (end - start > 1) replies.Sort(start, end - start, StringComparer.Ordinal);
            start = end;
        }
    }

    MessageStream Open(Exchange exchange, Receiving receiving)
    {
        var stream = new MessageStream(endpoint.Host, endpoint.Port, complete ? Silence : AnswerTimeout);
        if (Openers.Any(word => exchange.Sends[0].StartsWith(word, StringComparison.Ordinal))) return stream;
        Sending.Put(stream, $"Startup 3.0 user={endpoint.User} database=postgres client_encoding=UTF8 TimeZone=UTC");
        stream.Send();
        while (receiving.Read(stream) is var reply && !reply.StartsWith("ReadyForQuery", StringComparison.Ordinal))
            if (reply.StartsWith("ErrorResponse", StringComparison.Ordinal)) throw new WireException(reply);
        return stream;
    }

    void Settle(Exchange exchange, MessageStream stream, Receiving receiving)
    {
        var encryption = exchange.Sends[0] is "SSLRequest" or "GSSENCRequest";
        var replies = new List<string>();
        while (complete || replies.Count < exchange.Replies.Count)
        {
            string reply;
            try
            {
                reply = encryption && replies.Count == 0 ? $"Byte {(char)stream.ReceiveByte()}" : receiving.Read(stream);
            }
            catch (WireException e) when (e.IsTimeout)
            {
                break;
            }
            catch (WireException)
            {
                replies.Add(Closed);
                break;
            }
            replies.Add(reply);
        }
        SortParameters(replies);
        if (complete) exchange.Replies = replies;

        if (replies.SequenceEqual(exchange.Replies)) Passed++;
        else
            Failures.Add($"{script.Path}:{exchange.Line}: {string.Join(" / ", exchange.Sends)}\n  expected\n    {string.Join("\n    ", exchange.Replies)}"
                + $"\n  got\n    {string.Join("\n    ", replies)}");
    }
}
