using RealTimeMesh.Contracts;

namespace RealTimeMesh.Warehouse;

/// <summary>A statement's failure as Snowflake reports it.</summary>
internal sealed class SqlFault(string code, string sqlState, string message, int status = 422) : RealTimeMeshException(message)
{
    public string Code { get; } = code;

    public string SqlState { get; } = sqlState;

    /// <summary>HTTP status of the answer.</summary>
    public int Status { get; } = status;

    public static SqlFault Syntax(string message) => new("001003", "42000", $"SQL compilation error: {message}");

    public static SqlFault Unsupported(string found, string expected) =>
        new("000002", "0A000", $"Unsupported feature: found {found}; expected {expected}.");

    public static SqlFault Canceled() => new("000604", "57014", "SQL execution canceled");

    public static SqlFault TimedOut(TimeSpan limit) =>
        new("000630", "57014", $"Statement reached its statement timeout of {limit.TotalSeconds:0.###} second(s) and was canceled.", 408);

    /// <summary>The nearest Snowflake code of a DuckDB error, with DuckDB's text.</summary>
    public static SqlFault FromDuckDb(string message)
    {
        var (code, state) = message.Split(':', 2)[0] switch
        {
            "Parser Error" => ("001003", "42000"),
            "Catalog Error" => ("002003", "42S02"),
            "Binder Error" => ("000904", "42000"),
            "Conversion Error" => ("100038", "22018"),
            "Constraint Error" => ("100072", "22000"),
            "Out of Range Error" => ("100058", "22003"),
            "Permission Error" => ("003001", "42501"),
            _ => ("100000", "XX000"),
        };
        return new SqlFault(code, state, code is "001003" or "002003" or "000904" ? $"SQL compilation error: {message}" : message);
    }
}
