using RealTimeMesh.Contracts;

namespace RealTimeMesh.Snowflake;

/// <summary>A statement that the warehouse refused, or an answer that is not the SQL API's.</summary>
public sealed class SnowflakeException(string message, string code, string sqlState) : RealTimeMeshException(message)
{
    /// <summary>Snowflake's error code, such as <c>002003</c>; empty where there is none.</summary>
    public string Code { get; } = code;

    public string SqlState { get; } = sqlState;
}
