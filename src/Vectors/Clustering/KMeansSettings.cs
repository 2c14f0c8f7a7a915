namespace PgVectorCompat.Vectors.Clustering;

/// <summary>How k-means is to run.</summary>
public sealed record KMeansSettings
{
    /// <summary>Centres to find, at least 1.</summary>
    public required int Clusters { get; init; }

    /// <summary>Points are of length one and near by angle; centres are scaled to length one.</summary>
    public bool Spherical { get; init; }

    /// <summary>Rounds of assigning points and moving centres; fewer when hardly a point changes its centre.</summary>
    public int Rounds { get; init; } = 10;

    /// <summary>Start of every random choice. The result does not depend on the number of workers.</summary>
    public int Seed { get; init; } = 1;

    public int Workers { get; init; } = 1;
    public CancellationToken Cancellation { get; init; }
}
