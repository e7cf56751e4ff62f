namespace RealTimeMesh.Topics.Sizing;

/// <summary>What a cluster has to carry, and of what it is built. Every figure has a default but the load itself.</summary>
public sealed record SizingRequest
{
    /// <summary>Mean events a second today.</summary>
    public double EventsPerSecond { get; init; }

    /// <summary>Bytes of an event as it is stored: key, headers and value, compressed.</summary>
    public double EventBytes { get; init; }

    /// <summary>Highest rate over the mean. Default 3.</summary>
    public double PeakFactor { get; init; } = 3;

    /// <summary>Growth a year, 0.5 for half as much again. Default 0.</summary>
    public double GrowthPerYear { get; init; }

    /// <summary>Years it shall last. Default 1.</summary>
    public double Years { get; init; } = 1;

    /// <summary>Default 7.</summary>
    public double RetentionDays { get; init; } = 7;

    /// <summary>Copies of each record. Default 3.</summary>
    public int Replication { get; init; } = 3;

    /// <summary>Groups that each read everything. Default 2.</summary>
    public int Consumers { get; init; } = 2;

    /// <summary>Cores of a broker. Default 8.</summary>
    public int CoresPerBroker { get; init; } = 8;

    /// <summary>GB (10^9 bytes) of a disk. Default 2000.</summary>
    public double DiskGb { get; init; } = 2000;

    /// <summary>Disks of a broker. Default 2.</summary>
    public int DisksPerBroker { get; init; } = 2;

    /// <summary>Gbit/s of a broker, each way. Default 10.</summary>
    public double NetworkGbit { get; init; } = 10;

    /// <summary>Part of cores and network that may be used at peak. Default 0.6: the rest is for a broker that is gone and for catching up.</summary>
    public double Utilisation { get; init; } = 0.6;

    /// <summary>Part of a disk that may be filled. Default 0.7.</summary>
    public double DiskFill { get; init; } = 0.7;

    /// <summary>Brokers that may be gone at peak. Default 1.</summary>
    public int SpareBrokers { get; init; } = 1;

    /// <summary>MB/s (10^6) that a partition takes. Default 10, a figure to be replaced by a measured one.</summary>
    public double PartitionMb { get; init; } = 10;

    /// <summary>Prices of a month; all null leaves the cost out.</summary>
    public double? BrokerPrice { get; init; }

    /// <summary>Price of a GB of disk and month.</summary>
    public double? DiskGbPrice { get; init; }

    /// <summary>Price of a GB that leaves a broker to consumers.</summary>
    public double? EgressGbPrice { get; init; }

    /// <summary>Measured rates of one core, records a second, by name (append, deliver, replicate, process); the rest as shipped.</summary>
    public IReadOnlyDictionary<string, double>? Rates { get; init; }
}

/// <summary>A request and what is asked of it otherwise.</summary>
public sealed record SizingQuestion(SizingRequest Base, IReadOnlyDictionary<string, System.Text.Json.JsonElement>? WhatIf);

/// <param name="Brokers">With the spare ones.</param>
/// <param name="Limits">What asks for how many brokers, the most first.</param>
/// <param name="Disks">Of the whole cluster, to be filled as far as allowed.</param>
/// <param name="ConsumerCores">Cores that the consumers need together, each group processing everything.</param>
/// <param name="CostPerMonth">Null where no price was given.</param>
/// <param name="Steps">Every figure with its formula.</param>
public sealed record SizingResult(
    string Name, double PeakEventsPerSecond, int Brokers, IReadOnlyList<SizingLimit> Limits, int Partitions, double StorageGb, int Disks, double NetworkInMb, double NetworkOutMb,
    double BrokerCores, double ConsumerCores, double? CostPerMonth, IReadOnlyList<SizingStep> Steps);

public sealed record SizingLimit(string By, int Brokers);

public sealed record SizingStep(string Figure, string Formula, double Value, string Unit);

public sealed record MeasuredRate(string Name, double RecordsPerSecondPerCore, int RecordBytes, string Source);

public sealed record MeasuredRates(string Note, IReadOnlyList<MeasuredRate> Rates);
