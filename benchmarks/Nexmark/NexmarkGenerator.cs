using System.Globalization;
using RealTimeMesh.Contracts;

namespace RealTimeMesh.Benchmarks.Nexmark;

/// <summary>
/// Events of an auction house with the proportions and skews of the Nexmark suite's standard generator: of 50 events one
/// person, three auctions, 46 bids; 10,000 events a second of event time; half of the bids on the hot auction, three
/// quarters by the hot bidder and of the auctions by the hot seller. Event n is the same in every run.
/// </summary>
internal sealed class NexmarkGenerator
{
    public const long Origin = 1_436_918_400_000_000;

    private const int Persons = 1;
    private const int Auctions = 3;
    private const int Round = 50;
    private const long FirstId = 1000;
    private const long MicrosApart = 100;
    private const int HotAuctions = 2;
    private const int HotPeople = 4;
    private const int HotRun = 100;
    private const int InFlightAuctions = 100;
    private const int ActivePeople = 1000;
    private const int Lead = 10;

    private static readonly string[] s_states = ["AZ", "CA", "ID", "OR", "WA", "WY"];
    private static readonly string[] s_channels = ["Google", "Facebook", "Baidu", "Apple"];
    private static readonly string[] s_names = [.. new[] { "Peter", "Paul", "Luke", "John", "Saul", "Vicky", "Kate", "Julie", "Sarah", "Deiter", "Walter" }.SelectMany(first => new[] { "Shultz", "Abrams", "Spencer", "White", "Bartels", "Walton", "Smith", "Jones", "Noris" }.Select(last => $"{first} {last}"))];
    private static readonly string[] s_otherChannels = [.. Enumerable.Range(0, 10_000).Select(i => string.Create(CultureInfo.InvariantCulture, $"channel-{i}"))];

    public static RowSchema Schema { get; } = new(
    [
        new Field("event_type", FieldType.Int32, false),
        new Field("date_time", FieldType.Timestamp, false),
        new Field("id", FieldType.Int64, true),
        new Field("name", FieldType.String, true),
        new Field("state", FieldType.String, true),
        new Field("seller", FieldType.Int64, true),
        new Field("category", FieldType.Int64, true),
        new Field("expires", FieldType.Timestamp, true),
        new Field("auction", FieldType.Int64, true),
        new Field("bidder", FieldType.Int64, true),
        new Field("price", FieldType.Int64, true),
        new Field("channel", FieldType.String, true),
    ]);

    private ulong _state;

    /// <summary>Appends event n.</summary>
    public void Append(ColumnBatch rows, long n)
    {
        _state = (ulong)n * 0x9E3779B97F4A7C15;
        var columns = rows.Columns;
        var time = Origin + (n * MicrosApart);
        var place = n % Round;
        Put(columns[0], place < Persons ? 0 : place < Persons + Auctions ? 1 : 2);
        Put(columns[1], time);
        if (place < Persons)
        {
            Put(columns[2], LastPerson(n) + FirstId);
            ((StringColumn)columns[3]).Append(s_names[Next(s_names.Length)]);
            ((StringColumn)columns[4]).Append(s_states[Next(s_states.Length)]);
            Nulls(columns, 5, 11);
        }
        else if (place < Persons + Auctions)
        {
            Put(columns[2], LastAuction(n) + FirstId);
            Nulls(columns, 3, 4);
            Put(columns[5], (Next(HotPeople) > 0 ? LastPerson(n) / HotRun * HotRun : NextPerson(n)) + FirstId);
            Put(columns[6], 10 + Next(5));
            Put(columns[7], time + (1 + Next(20_000)) * 1000L);
            Nulls(columns, 8, 11);
        }
        else
        {
            Nulls(columns, 2, 7);
            Put(columns[8], (Next(HotAuctions) > 0 ? LastAuction(n) / HotRun * HotRun : NextAuction(n)) + FirstId);
            Put(columns[9], (Next(HotPeople) > 0 ? LastPerson(n) / HotRun * HotRun + 1 : NextPerson(n)) + FirstId);
            Put(columns[10], (long)Math.Round(Math.Pow(10, NextDouble() * 6) * 100));
            ((StringColumn)columns[11]).Append(Next(2) > 0 ? s_channels[Next(s_channels.Length)] : s_otherChannels[Next(s_otherChannels.Length)]);
        }
    }

    private static long LastPerson(long n) => n / Round * Persons + (n % Round >= Persons ? Persons - 1 : n % Round);

    private static long LastAuction(long n)
    {
        var (round, place) = (n / Round, n % Round);
        if (place < Persons)
            return Math.Max(0, (round * Auctions) - 1);
        return (round * Auctions) + (place >= Persons + Auctions ? Auctions - 1 : place - Persons);
    }

    private long NextPerson(long n)
    {
        var people = LastPerson(n) + 1;
        var active = Math.Min(people, ActivePeople);
        return people - active + Next((int)active + Lead);
    }

    private long NextAuction(long n)
    {
        var last = LastAuction(n);
        var first = Math.Max(last - InFlightAuctions, 0);
        return first + Next((int)(last - first) + 1 + Lead);
    }

    private static void Put(Column column, long value) => ((Int64Column)column).Append(value);

    private static void Nulls(IReadOnlyList<Column> columns, int from, int to)
    {
        for (var i = from; i <= to; i++)
            columns[i].AppendNull();
    }

    private int Next(int end) => (int)((NextBits() >> 32) * (ulong)end >> 32);

    private double NextDouble() => (NextBits() >> 11) * (1.0 / (1UL << 53));

    private ulong NextBits()
    {
        _state += 0x9E3779B97F4A7C15;
        var bits = _state;
        bits = (bits ^ (bits >> 30)) * 0xBF58476D1CE4E5B9;
        bits = (bits ^ (bits >> 27)) * 0x94D049BB133111EB;
        return bits ^ (bits >> 31);
    }
}
