namespace PgVectorCompat.Cli.Commands;

/// <summary>The demo's SQL. Every query gives a word, a rounded distance and a gloss.</summary>
static class DemoQueries
{
    public const string Schema = """
        CREATE EXTENSION vector;
        CREATE TABLE glosses (
            id        int PRIMARY KEY,
            lemma     text NOT NULL,
            pos       text NOT NULL,
            lexname   text NOT NULL,
            gloss     text NOT NULL,
            embedding vector(256) NOT NULL
        );
        """;

    public const string Copy = "COPY glosses FROM STDIN";

    public static readonly (string Title, string Sql)[] All =
    [
        ("Which foods are most like Chianti? (cosine distance)", """
            SELECT g.lemma, round((g.embedding <=> q.embedding)::numeric, 3), g.gloss
            FROM glosses g, glosses q
            WHERE q.lemma = 'Chianti'
            ORDER BY g.embedding <=> q.embedding
            LIMIT 6
            """),
        ("And what is near the aorta? (Euclidean distance)", """
            SELECT lemma, round((embedding <-> (SELECT embedding FROM glosses WHERE lemma = 'aorta'))::numeric, 3), gloss
            FROM glosses
            ORDER BY embedding <-> (SELECT embedding FROM glosses WHERE lemma = 'aorta')
            LIMIT 6
            """),
        ("Feelings close to joy, with a filter", """
            SELECT g.lemma, round((g.embedding <=> q.embedding)::numeric, 3), g.gloss
            FROM glosses g, glosses q
            WHERE q.lemma = 'joy' AND g.lexname = 'noun.feeling' AND g.id <> q.id
            ORDER BY g.embedding <=> q.embedding
            LIMIT 6
            """),
        ("What is most like the average of all wines?", """
            WITH wine AS (SELECT avg(embedding) AS center FROM glosses WHERE gloss LIKE '%wine%')
            SELECT lemma, round((embedding <=> center)::numeric, 3), gloss
            FROM glosses, wine
            ORDER BY embedding <=> center
            LIMIT 6
            """),
    ];
}
