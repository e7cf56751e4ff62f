using RealTimeMesh.Contracts;

namespace RealTimeMesh.AppHost.ContractCommands;

/// <summary>What a command's faults become.</summary>
internal static class ContractRun
{
    public const int Good = 0;
    public const int Bad = 1;
    public const int Unknown = 2;

    public static async Task<int> RunAsync(Func<Task<int>> work, CancellationToken cancellationToken)
    {
        try
        {
            return await work();
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return Fail("stopped");
        }
        catch (Exception exception) when (exception is RealTimeMeshException or IOException or UnauthorizedAccessException)
        {
            return Fail(exception.Message);
        }
    }

    private static int Fail(string message)
    {
        System.Console.Error.WriteLine($"error: {message}");
        return Unknown;
    }
}
