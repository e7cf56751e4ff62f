namespace RealTimeMesh.Pipelines;

/// <summary>How a CSV file is written. The defaults are RFC 4180 in UTF-8 with a header.</summary>
public sealed record CsvLayout
{
    /// <summary>The layout where none is given.</summary>
    public static CsvLayout Default { get; } = new();

    public char Delimiter { get; init; } = ',';

    /// <summary>The character around texts; <c>\0</c> where there is none.</summary>
    public char Quote { get; init; } = '"';

    /// <summary>The character that takes the meaning of the next one away, besides a doubled quote; <c>\0</c> where there is none.</summary>
    public char Escape { get; init; }

    /// <summary>The first line names the columns. Default true; else <see cref="Columns"/> does.</summary>
    public bool Header { get; init; } = true;

    /// <summary>Names of the columns, in the file's order; empty where the header names them.</summary>
    public IReadOnlyList<string> Columns { get; init; } = [];

    /// <summary>Text that stands for no value, besides nothing at all; null where there is none.</summary>
    public string? Null { get; init; }

    /// <summary>Numbers are written 1.234,56 rather than 1,234.56; groups of thousands are taken in decimals and numbers with a fraction.</summary>
    public bool DecimalComma { get; init; }

    /// <summary>Lines that begin with this text are passed over; null where there are none.</summary>
    public string? Comment { get; init; }

    /// <summary>Formats of dates and times by field, as .NET writes them (<c>dd.MM.yyyy HH:mm</c>); without an offset they are UTC.</summary>
    public IReadOnlyDictionary<string, string> Formats { get; init; } = new Dictionary<string, string>();

    public CsvEncoding Encoding { get; init; }
}

/// <summary>Character encodings of text files. A byte order mark of UTF-8 or UTF-16 goes before what is said here.</summary>
public enum CsvEncoding
{
    Utf8,
    Utf16,
    Windows1252,
    Latin1,
}
