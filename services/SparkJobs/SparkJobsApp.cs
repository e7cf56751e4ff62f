using Microsoft.AspNetCore.Builder;

namespace RealTimeMesh.SparkJobs;

/// <summary>Builds the application; the host and <c>Program.cs</c> run the same one.</summary>
public static class SparkJobsApp
{
    public static WebApplication Build(string[] args) => throw new NotImplementedException();
}
