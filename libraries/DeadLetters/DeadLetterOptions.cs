using System.Globalization;
using RealTimeMesh.Contracts;
using RealTimeMesh.DeadLetters.Alerts;
using RealTimeMesh.DeadLetters.Storing;

namespace RealTimeMesh.DeadLetters;

/// <summary>Settings of dead letters; each has a name in the environment.</summary>
public sealed record DeadLetterOptions
{
    /// <summary><c>MESH_DEAD_LETTER_TOPICS</c>: further topics to collect, with <c>*</c> and <c>?</c>, separated by commas. Default <c>*.dlq</c>.</summary>
    public IReadOnlyList<string> Topics { get; init; } = ["*.dlq"];

    /// <summary><c>MESH_DEAD_LETTER_DAYS</c>, <c>MESH_DEAD_LETTER_COUNT</c>, <c>MESH_DEAD_LETTER_BYTES</c>: what is kept. Default 30 days, 10 million letters, 20 GiB.</summary>
    public LetterRetention Retention { get; init; } = new(TimeSpan.FromDays(30), 10_000_000, 20L << 30);

    /// <summary>How often new topics are looked for. Default 10 s.</summary>
    public TimeSpan TopicsEvery { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How often old letters are dropped. Default 60 s.</summary>
    public TimeSpan TrimEvery { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary><c>MESH_DEAD_LETTER_MAX_REDRIVES</c>: a letter that came back so often is not redriven again unless asked for. Default 5.</summary>
    public int MaxRedrives { get; init; } = 5;

    /// <summary><c>MESH_DEAD_LETTER_RESUME</c>: jobs that the end of a process cut short go on by themselves when the next one starts. Default <c>true</c>; else they stand as paused.</summary>
    public bool ResumeJobs { get; init; } = true;

    /// <summary>Largest event the front door takes, which decides what would pass. Default 1 MiB, as the door's.</summary>
    public int MaxEventBytes { get; init; } = 1024 * 1024;

    /// <summary>When to raise alerts, and where they are sent.</summary>
    public AlertOptions Alerts { get; init; } = new();

    /// <summary>Reads the settings of the environment. Throws <see cref="ConfigurationException"/> with every fault.</summary>
    public static DeadLetterOptions From(Func<string, string?> setting)
    {
        var faults = new List<ConfigurationFault>();
        var defaults = new DeadLetterOptions();
        var options = new DeadLetterOptions
        {
            Topics = setting("MESH_DEAD_LETTER_TOPICS") is { Length: > 0 } topics ? topics.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) : defaults.Topics,
            Retention = new LetterRetention(
                TimeSpan.FromDays(Number("MESH_DEAD_LETTER_DAYS", 30, 36_500)), (long)Number("MESH_DEAD_LETTER_COUNT", defaults.Retention.Letters, 1e12), (long)Number("MESH_DEAD_LETTER_BYTES", defaults.Retention.Bytes, 1e16)),
            MaxRedrives = (int)Number("MESH_DEAD_LETTER_MAX_REDRIVES", defaults.MaxRedrives, 1_000),
            ResumeJobs = Switch("MESH_DEAD_LETTER_RESUME", defaults.ResumeJobs),
            MaxEventBytes = (int)Number("MESH_INGEST_MAX_EVENT_BYTES", defaults.MaxEventBytes, int.MaxValue),
            Alerts = AlertOptions.From(setting, faults),
        };
        return faults.Count == 0 ? options : throw new ConfigurationException(faults);

        bool Switch(string name, bool fallback)
        {
            if (setting(name) is not { Length: > 0 } text)
                return fallback;
            if (bool.TryParse(text, out var value))
                return value;
            faults.Add(new ConfigurationFault("environment", 0, name, $"'{text}'", "true or false", "Correct it."));
            return fallback;
        }

        double Number(string name, double fallback, double most)
        {
            if (setting(name) is not { Length: > 0 } text)
                return fallback;
            if (double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && number > 0 && number <= most)
                return number;
            faults.Add(new ConfigurationFault("environment", 0, name, $"'{text}'", $"a number above 0, at most {most.ToString(CultureInfo.InvariantCulture)}", "Correct it."));
            return fallback;
        }
    }
}
