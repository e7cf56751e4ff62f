using RealTimeMesh.DeltaLake;
using Spectre.Console;

namespace RealTimeMesh.AppHost.Lake;

/// <summary>Shows how far long work has come, on standard error and only where that is a terminal.</summary>
internal static class ProgressBars
{
    public static async Task<T> RunAsync<T>(string title, Func<IProgress<OperationProgress>?, Task<T>> work)
    {
        if (System.Console.IsErrorRedirected)
            return await work(null);
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(System.Console.Error) });
        return await console.Progress().AutoClear(true)
            .Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new ElapsedTimeColumn(), new RemainingTimeColumn())
            .StartAsync(async context =>
            {
                var bar = context.AddTask(Markup.Escape(title));
                bar.IsIndeterminate = true;
                return await work(new Bar(bar));
            });
    }

    /// <summary>Reports at once: the one of .NET would report through a thread pool, out of order.</summary>
    private sealed class Bar(ProgressTask task) : IProgress<OperationProgress>
    {
        public void Report(OperationProgress value)
        {
            task.IsIndeterminate = false;
            task.MaxValue = Math.Max(1, value.Total);
            task.Value = value.Done;
        }
    }
}
