using System.Globalization;
using NpgsqlTypes;
using RealTimeMesh.ChangeCapture;

namespace RealTimeMesh.Postgres.Catalogs;

/// <summary>
/// Whether a server's log holds all that was read of it before. A standby that takes over begins a branch of its own where
/// its copy of the log ended; a server told to send from a place beyond that would skip, without a word, what it wrote
/// in between.
/// </summary>
internal static class Timelines
{
    /// <summary>Throws where the place up to which changes were read is not on the server's branch.</summary>
    /// <param name="position">What was read.</param>
    /// <param name="here">Where the server is.</param>
    /// <param name="host">The server, for messages.</param>
    /// <param name="history">Gives the server's list of branches; asked only where it is on another one.</param>
    public static async Task CheckAsync(ChangePosition position, ServerPlace here, string? host, Func<Task<string?>> history)
    {
        var (fork, branch) = position.Timeline == 0 || position.Timeline == here.Timeline
            ? (here.Lsn, $"its log ends at {Slots.Show(here.Lsn)}")
            : Fork(await history() ?? throw Unreadable(position, here, host), position.Timeline) is { } left
                ? (left, string.Create(CultureInfo.InvariantCulture, $"it left timeline {position.Timeline} at {Slots.Show(left)} and is on {here.Timeline}, as a standby does that takes over before it has all"))
                : (-1, string.Create(CultureInfo.InvariantCulture, $"it is on timeline {here.Timeline}, which does not come from {position.Timeline}"));
        if (position.Lsn > fork || position.Transaction >= fork)
            throw Lost($"server {host}: found that {branch}; expected its log to reach {Slots.Show(Read(position))}, up to where changes were read. What was read beyond is not in this server, and what it wrote since then was not read.");
    }

    /// <summary>How far changes were read.</summary>
    public static long Read(ChangePosition position) => Math.Max(position.Lsn, position.Transaction);

    public static ChangeCaptureException Lost(string message) =>
        new($"{message} Set 'lost: snapshot' to read the tables whole again, or give the source another 'name' (and 'slot') to begin anew.") { LogIsLost = true };

    private static ChangeCaptureException Unreadable(ChangePosition position, ServerPlace here, string? host) =>
        Lost(string.Create(CultureInfo.InvariantCulture, $"server {host}: found it on timeline {here.Timeline}, as after a failover, and no right to read where it left {position.Timeline}; expected to see whether it has all that was read. GRANT EXECUTE ON FUNCTION pg_read_file(text) to this user, and it is looked at."));

    /// <summary>Where a branch was left; null where the server does not come from it.</summary>
    internal static long? Fork(string history, long timeline)
    {
        // Lines such as "1<tab>0/3000148<tab>no recovery target specified".
        foreach (var line in history.Split('\n'))
        {
            if (line.Split((char[])[' ', '\t'], StringSplitOptions.RemoveEmptyEntries) is [var number, var place, ..]
                && long.TryParse(number, CultureInfo.InvariantCulture, out var left) && left == timeline && NpgsqlLogSequenceNumber.TryParse(place, out var lsn))
                return (long)(ulong)lsn;
        }

        return null;
    }
}
